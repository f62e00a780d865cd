// This test program once more, as a process that writes into a store and is killed in the middle.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"

namespace confab::store::testing {

// The child says what is acknowledged: a number a line.
inline bool report(std::uint64_t number) {
  const std::string line = std::to_string(number) + "\n";
  return ::write(3, line.data(), line.size()) > 0;
}

// Starts `test_case`, which is skipped else; its numbers come through `output`.
inline pid_t start_child(const std::string& test_case, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, 3);
  std::string self = "/proc/self/exe", only = "--test-case=" + test_case, run = "--no-skip", quiet = "--minimal";
  char* arguments[] = {self.data(), only.data(), run.data(), quiet.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments, environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

inline std::vector<std::uint64_t> read_numbers(int input) {
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(input, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  text.resize(text.find_last_of('\n') + 1);  // the last line may be torn
  std::vector<std::uint64_t> numbers;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    numbers.push_back(std::strtoull(text.c_str() + at, nullptr, 10));
  }
  return numbers;
}

// Runs the child until it has lived for `span`. What it said.
inline std::vector<std::uint64_t> run_and_kill(const std::string& test_case, milliseconds span) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = start_child(test_case, ends[1]);
  ::close(ends[1]);
  std::thread killer([child, span] {
    std::this_thread::sleep_for(span);
    ::kill(child, SIGKILL);
  });
  std::vector<std::uint64_t> told = read_numbers(ends[0]);
  killer.join();
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  return told;
}

}  // namespace confab::store::testing

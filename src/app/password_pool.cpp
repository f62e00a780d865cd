#include "app/password_pool.h"

#include <algorithm>
#include <memory>

#include "auth/credentials.h"
#include "auth/hash.h"

namespace confab::app {
namespace {

std::size_t thread_count(std::size_t wanted) {
  if (wanted != 0) return wanted;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
}

// What is remembered: the password together with the very record it was right for. A login that began before a change
// of password may end after it; what it then remembers matches nothing that is asked with the new record.
std::string proof_of(std::string_view record, std::string_view password) {
  return auth::digest(auth::Hash::sha256, record).append(password);
}

}  // namespace

PasswordPool::PasswordPool(PasswordPoolOptions options, auth::SiteKey key, RandomBytes random)
    : options_(std::move(options)), key_(key), random_(std::move(random)), recent_(options_.recent, random_) {
  for (std::size_t i = thread_count(options_.threads); i > 0; --i) threads_.emplace_back([this] { serve(); });
}

PasswordPool::~PasswordPool() {
  std::deque<Work> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    left.swap(works_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (Work& work : left) work.refuse();
}

void PasswordPool::serve() {
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !works_.empty(); });
      if (stopping_) return;
      work = std::move(works_.front());
      works_.pop_front();
    }
    work.run();
  }
}

// Beyond the limit, and while stopping, the work is refused at once; it may be refused on this thread, since an answer
// is only ever posted.
void PasswordPool::submit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && works_.size() < options_.queue) {
      works_.push_back(std::move(work));
      changed_.notify_one();
      return;
    }
    ++refused_;
  }
  work.refuse();
}

void PasswordPool::verify(Uid uid, std::string credentials, std::string password, Loop& loop,
                          UniqueFunction<void(Result<bool>)> done) {
  std::string proof = proof_of(credentials, password);
  bool known = false;
  {
    const std::lock_guard lock(recent_mutex_);
    known = uid != 0 && recent_.matches(uid, proof);
    if (known) ++recent_hits_;
  }
  auth::wipe(proof);
  if (known) {
    auth::wipe(password);
    loop.post([done = std::move(done)]() mutable { done(true); });
    return;
  }
  struct Job {
    Uid uid;
    std::string credentials, password;
    UniqueFunction<void(Result<bool>)> done;
  };
  auto job = std::make_shared<Job>(Job{uid, std::move(credentials), std::move(password), std::move(done)});
  const auto answer = [job, &loop](Result<bool> result) {
    auth::wipe(job->password);
    loop.post([job, result = std::move(result)]() mutable { job->done(std::move(result)); });
  };
  submit({[this, job, answer] { answer(verify_now(job->uid, job->credentials, job->password)); },
          [answer] { answer(fail(Errc::too_fast, "too many logins wait")); }});
}

bool PasswordPool::verify_now(Uid uid, const std::string& record, const std::string& password) {
  const auto credentials = auth::decode(record);
  const bool right = credentials.has_value() && auth::verify_password(*credentials, password) && uid != 0;
  if (!right) return false;
  std::string proof = proof_of(record, password);
  const std::lock_guard lock(recent_mutex_);
  recent_.remember(uid, proof);
  auth::wipe(proof);
  return true;
}

void PasswordPool::derive(std::string name, std::string password, Loop& loop,
                          UniqueFunction<void(Result<std::string>)> done) {
  struct Job {
    std::string name, password;
    UniqueFunction<void(Result<std::string>)> done;
  };
  auto job = std::make_shared<Job>(Job{std::move(name), std::move(password), std::move(done)});
  const auto answer = [job, &loop](Result<std::string> result) {
    auth::wipe(job->password);
    loop.post([job, result = std::move(result)]() mutable { job->done(std::move(result)); });
  };
  submit({[this, job, answer] { answer(derive_now(job->name, job->password)); },
          [answer] { answer(fail(Errc::too_fast, "too many passwords wait")); }});
}

Result<std::string> PasswordPool::derive_now(const std::string& name, const std::string& password) {
  const std::string account = name + "@" + options_.domain;
  const RandomBytes random = [this](unsigned char* out, std::size_t size) {
    const std::lock_guard lock(recent_mutex_);
    random_(out, size);
  };
  const auth::NewPassword set{account, name, options_.domain, password, options_.iterations};
  return auth::encode(auth::derive(set, options_.sip_digest ? &key_ : nullptr, random));
}

std::string PasswordPool::decoy(const std::string& name) {
  return auth::encode(auth::decoy(name, key_, options_.iterations));
}

void PasswordPool::forget(Uid uid) {
  const std::lock_guard lock(recent_mutex_);
  recent_.forget(uid);
}

std::size_t PasswordPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return works_.size();
}
std::uint64_t PasswordPool::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}
std::uint64_t PasswordPool::recent_hits() const {
  const std::lock_guard lock(recent_mutex_);
  return recent_hits_;
}

}  // namespace confab::app

#include "app/config.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

#include "app/config_settings.h"
#include "app/endpoint.h"

namespace confab::app {
namespace {

// A folder of its own, gone with the test.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "confab-config-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    return path / name;
  }
};

Result<Config> load(const Folder& folder, const std::string& text, std::map<std::string, std::string> env = {}) {
  ConfigSources sources;
  sources.file = folder.write("confab.toml", text);
  sources.environment = std::move(env);
  return load_config(sources);
}

std::string error_of(const std::string& text, std::map<std::string, std::string> env = {}) {
  const Folder folder;
  const auto config = load(folder, text, std::move(env));
  if (config) return "none";
  const std::string prefix = folder.path.string() + "/";
  const std::string& why = config.error().text;
  return why.starts_with(prefix) ? why.substr(prefix.size()) : why;
}

TEST_CASE("endpoints") {
  CHECK(parse_endpoint("[::]:8080") == Endpoint{"::", 8080});
  CHECK(parse_endpoint("127.0.0.1:0") == Endpoint{"127.0.0.1", 0});
  CHECK(to_string(Endpoint{"::1", 22}) == "[::1]:22");
  for (const char* bad : {"", "8080", ":8080", "::1:80", "[::1]", "[::1]:", "host:80", "1.2.3.4:65536", "1.2.3.4:-1",
                          "[1.2.3.4]:80", "1.2.3.4:8 0"}) {
    CAPTURE(bad);
    CHECK(!parse_endpoint(bad));
  }
  CHECK(is_loopback("127.9.9.9"));
  CHECK(is_loopback("::1"));
  CHECK(is_loopback("::ffff:127.0.0.1"));
  CHECK(!is_loopback("::"));
  CHECK(!is_loopback("10.0.0.1"));
}

TEST_CASE("values of every kind; what is not written keeps its default") {
  const Folder folder;
  const auto config = load(folder,
                           "domain = \"Example.ORG\"\ndurability = \"process\"\n[listen]\nxmpp = [\"127.0.0.1:0\"]\n"
                           "http = []\n[auth]\nsip_digest = false\n[limits]\nqueue_bytes = 70000\n");
  REQUIRE(config);
  CHECK(config->domain == "example.org");
  CHECK(config->durability == Durability::process);
  CHECK(config->listen.xmpp == std::vector<std::string>{"127.0.0.1:0"});
  CHECK(config->listen.http.empty());
  CHECK(config->listen.mqtt == std::vector<std::string>{"[::]:1883"});
  CHECK(!config->auth.sip_digest);
  CHECK(config->limits.queue_bytes == 70000);
  CHECK(config->limits.frame_bytes() == 262144 * 6 + 65536);
  CHECK(config->limits.websocket_bytes() == 16777216);
}

TEST_CASE("errors name file, line and key") {
  CHECK(error_of("domain = \"a.example\"\nsise = 1\n") == "confab.toml:2: sise: unknown key");
  CHECK(error_of("domain = \"a.example\"\n[limits]\n\nqueue_byte = 1\n") ==
        "confab.toml:4: limits.queue_byte: unknown key");
  CHECK(error_of("[limit]\na = 1\n") == "confab.toml:1: limit: unknown key");
  CHECK(error_of("threads = \"2\"\n") == "confab.toml:1: threads: wanted a whole number");
  CHECK(error_of("threads = 2.5\n") == "confab.toml:1: threads: a value of the wrong type");
  CHECK(error_of("threads = 5000\n") == "confab.toml:1: threads: wanted a number from 0 to 1024");
  CHECK(error_of("durability = \"ssd\"\n") == "confab.toml:1: durability: wanted one of \"power\", \"process\"");
  CHECK(error_of("[listen]\nhttp = \"[::]:80\"\n") == "confab.toml:2: listen.http: wanted a list of strings");
  CHECK(error_of("[listen]\nhttp = [\"here:80\"]\n").starts_with("confab.toml:2: listen.http: \"here:80\": "));
  CHECK(error_of("[listen]\nhttp = [80]\n") == "confab.toml:2: listen.http: wanted a list of strings");
  CHECK(error_of("auth = 1\n") == "confab.toml:1: auth: unknown key");
  CHECK(error_of("domain = \"a\n").starts_with("confab.toml:1: "));
}

TEST_CASE("what is true of a configuration as a whole") {
  CHECK(error_of("threads = 1\n").starts_with("domain: not set"));
  CHECK(error_of("domain = \"a b\"\n").starts_with("domain: "));
  CHECK(error_of("domain = \"a.example\"\n[tls]\nkey = \"x\"\n").starts_with("tls: "));
  CHECK(error_of("domain = \"a.example\"\n[store]\nurl = \"mysql:x\"\n").starts_with("store.url: "));
}

TEST_CASE("conf.d wins over the file, the environment over both, --data over all") {
  const Folder folder;
  folder.write("conf.d/20.toml", "[limits]\nsessions = 20\nlogin_seconds = 20\n");
  folder.write("conf.d/10.toml", "[limits]\nsessions = 10\nsasl_attempts = 9\n");
  folder.write("conf.d/README", "not TOML");
  ConfigSources sources;
  sources.file = folder.write("confab.toml", "domain = \"a.example\"\n[limits]\nsessions = 1\nlogin_seconds = 1\n");
  sources.environment = {{"CONFAB_LIMITS__LOGIN_SECONDS", "99"},
                         {"CONFAB_LISTEN__HTTP", "127.0.0.1:1, [::1]:2"},
                         {"CONFAB_DATA_DIR", "/x"},
                         {"CONFAB_SOMETHING", "else"}};
  sources.data_dir = "/y";
  const auto config = load_config(sources);
  REQUIRE(config);
  CHECK(config->limits.sessions == 20);
  CHECK(config->limits.sasl_attempts == 9);
  CHECK(config->limits.login_seconds == 99);
  CHECK(config->listen.http == std::vector<std::string>{"127.0.0.1:1", "[::1]:2"});
  CHECK(config->data_dir == "/y");
  CHECK(error_of("domain = \"a\"\n", {{"CONFAB_LIMITS__NO", "1"}}) == "environment: CONFAB_LIMITS__NO: unknown key");
  CHECK(error_of("domain = \"a\"\n", {{"CONFAB_THREADS", "many"}}) ==
        "environment: CONFAB_THREADS: wanted a whole number");
}

TEST_CASE("a development site listens on loopback; its file wins") {
  const Folder folder;
  ConfigSources sources;
  sources.base = dev_defaults("/tmp/x");
  sources.file = folder.write("confab.toml", "[listen]\nmqtt = [\"[::]:1\"]\n");
  const auto config = load_config(sources);
  REQUIRE(config);
  CHECK(config->domain == "localhost");
  CHECK(config->auth.registration == Registration::open);
  CHECK(config->listen.xmpp == std::vector<std::string>{"127.0.0.1:5222"});
  CHECK(config->listen.mqtt == std::vector<std::string>{"[::]:1"});
  CHECK(config->listen.component.empty());
}

TEST_CASE("a missing file is an error only if it was asked for") {
  ConfigSources sources;
  sources.base = dev_defaults("/tmp/x");
  sources.file = "/nonexistent/confab.toml";
  CHECK(load_config(sources).error().code == Errc::not_found);
  sources.file_required = false;
  CHECK(load_config(sources));
}

TEST_CASE("what is shown is read back, and holds no password") {
  const Folder folder;
  Config config = dev_defaults("/tmp/\"x\"");
  config.limits.sessions = 7;
  const auto again = load(folder, to_toml(config));
  REQUIRE(again);
  CHECK(to_toml(*again) == to_toml(config));
  config.store.url = "postgresql://user:secret@host/db";
  CHECK(to_toml(config).find("secret") == std::string::npos);
  CHECK(to_json(config).find("secret") == std::string::npos);
  CHECK(to_json(config).find("\"limits\":{\"message_bytes\":262144,") != std::string::npos);
}

}  // namespace
}  // namespace confab::app

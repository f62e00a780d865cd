#include "sim/site.h"

#include <algorithm>
#include <map>
#include <optional>

#include "auth/credentials.h"
#include "auth/hash.h"

namespace confab::sim {
namespace {

const std::string kDomain = "sim.example";

RandomBytes random_of(World& world) {
  return [&world](unsigned char* out, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(world.chance.below(256));
  };
}

ConvId conversation(const Address& a, const Address& b) {
  const std::string one = to_string(a);
  const std::string two = to_string(b);
  const std::string hash = auth::digest(auth::Hash::sha256, one < two ? one + "\n" + two : two + "\n" + one);
  ConvId id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

auth::Credentials derive(World& world, const std::string& name, std::string_view password) {
  return auth::derive(
      {.account = name + "@" + kDomain, .user = name, .realm = kDomain, .password = password, .iterations = 4096},
      nullptr, random_of(world));
}

// The real credentials, worked on in virtual time instead of in threads.
class SimPasswords final : public engine::Passwords {
 public:
  explicit SimPasswords(World& world) : world_(world) {}

  void verify(Uid uid, std::string credentials, std::string password, Loop& loop,
              UniqueFunction<void(Result<bool>)> done) override {
    // The simulator logs in thousands of times with passwords it knows: the hash is computed once for each.
    const auto known = known_.find(credentials + password);
    const bool right = known != known_.end() ? known->second : check(credentials, password);
    loop.after(milliseconds(1 + static_cast<std::int64_t>(world_.chance.below(10))),
               [done = std::move(done), right, uid]() mutable { done(uid != 0 && right); });
  }
  void derive(std::string name, std::string password, Loop& loop,
              UniqueFunction<void(Result<std::string>)> done) override {
    loop.post([done = std::move(done), record = auth::encode(sim::derive(world_, name, password))]() mutable {
      done(std::move(record));
    });
  }
  std::string decoy(const std::string&) override { return auth::encode({}); }
  void forget(Uid) override {}

 private:
  bool check(const std::string& credentials, const std::string& password) {
    const auto decoded = auth::decode(credentials);
    return known_[credentials + password] = decoded.has_value() && auth::verify_password(*decoded, password);
  }

  World& world_;
  static inline std::map<std::string, bool> known_;
};

struct SimShard {
  SimShard(World& world, std::uint32_t index) : loop(world), wheel(world.now().mono), pumps(index, loop, wheel, {}) {
    loop.on_turn_end = [this] { turn(); };
  }
  void turn() {
    wheel.advance(loop.now().mono);
    for (int i = 0; i < 10 && pumps.busy(); ++i) pumps.flush();
    const auto next = wheel.next();
    if (!next || (alarm && *alarm <= *next && *alarm > loop.now().mono)) return;
    alarm = *next;
    loop.after(milliseconds(std::max<std::int64_t>(next->ms - loop.now().mono.ms, 1)), [] {});
  }

  SimLoop loop;
  TimerWheel wheel;
  std::optional<MonoMs> alarm;
  net::Pumps pumps;
};

engine::Options engine_options() {
  engine::Options options;
  options.domain = kDomain;
  options.registration = engine::Registration::open;
  options.backlog_rows = 7;  // so that pages end in the middle of things
  options.conversation = conversation;
  return options;
}

}  // namespace

// Everything that dies with kill -9.
struct SimSite::Process {
  Process(World& world, const SiteOptions& options, store::MemoryState durable, store::FaultPlan faults)
      : store({.site = 1, .listener = nullptr, .faults = std::move(faults)}, std::move(durable)),
        passwords(world),
        node(engine_options(), random_of(world)) {
    xmpp::Config config;
    config.domain = kDomain;
    config.plaintext = xmpp::Plaintext::always;
    config.tls = false;
    config.messages_per_second = 0;
    site = xmpp::make_site(config, [&world] { return world.now(); }, random_of(world), nullptr);
    std::vector<net::Pumps*> peers;
    for (std::uint32_t i = 0; i < options.shards; ++i) shards.push_back(std::make_unique<SimShard>(world, i));
    for (auto& shard : shards) peers.push_back(&shard->pumps);
    node.attach(store, passwords);
    for (auto& shard : shards) {
      shard->pumps.serve(node, peers);
      node.add_shard(shard->loop, shard->pumps);
    }
    store.listen(&node);
  }

  store::MemoryStore store;
  SimPasswords passwords;
  engine::Node node;
  std::unique_ptr<xmpp::Site> site;
  std::vector<std::unique_ptr<SimShard>> shards;
};

SimSite::SimSite(World& world, SiteOptions options) : world_(world), options_(options) {}
SimSite::~SimSite() = default;

template <class T, class Ask>
T SimSite::ask(Ask ask) {
  SimLoop loop(world_);
  store::MemoryStore reader({}, process_ ? process_->store.snapshot() : durable_);
  std::optional<T> answer;
  ask(reader, loop, [&](Result<T> result) { answer = std::move(*result); });
  while (!answer) world_.run_until(world_.now_us + 1000);
  return std::move(*answer);
}

void SimSite::add_user(const std::string& name) {
  SimLoop loop(world_);
  store::MemoryStore store({}, std::move(durable_));
  static std::map<std::string, std::string> records;  // the same for every seed, and dear to make
  std::string& record = records[name];
  if (record.empty()) {
    World fixed(1);
    record = auth::encode(derive(fixed, name, "secret-" + name));
  }
  engine::Transaction transaction;
  transaction.changes.emplace_back(engine::CreateAccount{
      .address = {name, kDomain, {}}, .credentials = record, .admin = false, .at = world_.now().wall, .profile = {}});
  bool done = false;
  store.commit(std::move(transaction), loop, [&](Result<engine::Committed> result) { done = result.has_value(); });
  while (!done) world_.run_until(world_.now_us + 1000);
  durable_ = store.snapshot();
}

void SimSite::start() {
  if (process_) return;
  process_ =
      std::make_unique<Process>(world_, options_, std::move(durable_),
                                [this](const engine::Transaction& transaction) { return next_fault(transaction); });
  crash_wanted_ = false;
}

void SimSite::crash() {
  if (!process_) return;
  process_->store.crash();
  durable_ = process_->store.snapshot();
  process_.reset();
  for (const auto& weak : std::exchange(wires_, {})) {
    if (const auto wire = weak.lock()) wire->cut();
  }
  world_.note("crash");
}

store::Fault SimSite::next_fault(const engine::Transaction&) {
  using Kind = store::Fault::Kind;
  store::Fault fault;
  fault.delay = milliseconds(world_.chance.below(4));
  if (sound_) return fault;
  if (options_.store_faults) {
    if (world_.chance.percent(5)) fault.delay = milliseconds(world_.chance.below(500));
    if (world_.chance.percent(5))
      fault = {Kind::fail, world_.chance.percent(50) ? Errc::unavailable : Errc::no_space, {}};
  }
  if (options_.crash_at_commit && !crash_wanted_ && world_.chance.below(150) == 0) {
    fault = {world_.chance.percent(50) ? Kind::crash_before : Kind::crash_after, Errc::unavailable, {}};
    crash_wanted_ = true;
    world_.at(world_.now_us + 600'000, [this] {
      if (!crash_wanted_) return;
      crash();
      start();
    });
  }
  return fault;
}

bool SimSite::accept(const std::shared_ptr<Wire>& wire) {
  if (!process_) return false;
  SimShard& shard = *process_->shards[next_shard_++ % process_->shards.size()];
  std::erase_if(wires_, [](const auto& weak) { return weak.expired(); });
  wires_.push_back(wire);
  auto stream = wire->make_stream(shard.loop);
  shard.pumps.open(std::move(stream), xmpp::make_session(*process_->site),
                   {.address = "192.0.2.1", .port = 1, .loopback = false, .listener = "xmpp"});
  shard.loop.post([] {});
  return true;
}

std::vector<core::EventPtr> SimSite::log_of(const std::string& user) {
  const Uid uid = row_of(user).uid;
  const auto rows = ask<std::vector<engine::LogRow>>([uid](store::MemoryStore& store, Loop& loop, auto done) {
    store.read_log(uid, 0, 1'000'000, 1U << 30U, loop, done);
  });
  std::vector<core::EventPtr> events;
  Upos last = 0;
  for (const engine::LogRow& row : rows) {
    if (row.upos != ++last) return {};  // positions are dense
    events.push_back(row.event);
  }
  return events;
}

core::AccountRow SimSite::row_of(const std::string& user) {
  return ask<core::AccountRow>([&user](store::MemoryStore& store, Loop& loop, auto done) {
    store.load_account({user, kDomain, {}}, loop, done);
  });
}

std::string SimSite::item_of(const std::string& user, const std::string& node) {
  const core::AccountRow row = row_of(user);
  if (!row.nodes.find(node)) return {};
  const auto page = ask<core::ItemPage>([&](store::MemoryStore& store, Loop& loop, auto done) {
    store.load_items(row.uid, node, {}, 1U << 20U, loop, done);
  });
  return page.items.size() == 1 ? page.items.front().payload : std::string();
}

}  // namespace confab::sim

#include "worker/llama_engine.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <set>

#include <fmt/format.h>
#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <llama.h>

#include "base/check.h"
#include "worker/llama_backend.h"
#include "worker/llama_matrix.h"
#include "worker/llama_threads.h"

namespace sekisho::worker {
namespace {

constexpr std::int32_t kRowsMax = 512;
constexpr std::int64_t kBlock = 256;     ///< The cache comes in blocks of so many tokens.
constexpr std::size_t kRowsToShare = 64;
constexpr std::int32_t kRowsTogether = 4;  ///< That libllama's repacked kernels compute in one way; fewer in another.
constexpr std::int64_t kAskCpu_ns = 4'000'000;
constexpr std::int32_t kNarrowRows = 8;
constexpr int kGivenUp = 2;  ///< llama_decode's result where its abort callback said so.

using Model = std::unique_ptr<llama_model, decltype(&llama_model_free)>;
using Context = std::unique_ptr<llama_context, decltype(&llama_free)>;

std::string meta(const llama_model* model, const char* key) {
  std::string value(256, '\0');
  const std::int32_t size = llama_model_meta_val_str(model, key, value.data(), value.size());
  value.resize(size < 0 ? 0 : std::min<std::size_t>(static_cast<std::size_t>(size), value.size() - 1));
  return value;
}

std::string piece_of(const llama_vocab* vocabulary, TokenId token) {
  std::string text(64, '\0');
  std::int32_t size = llama_token_to_piece(vocabulary, token, text.data(), static_cast<std::int32_t>(text.size()), 0, false);
  if (size < 0) {
    text.resize(static_cast<std::size_t>(-size));
    size = llama_token_to_piece(vocabulary, token, text.data(), static_cast<std::int32_t>(text.size()), 0, false);
  }
  text.resize(static_cast<std::size_t>(std::max(size, 0)));
  return text;
}

Vocabulary read_vocabulary(const llama_vocab* vocabulary) {
  const std::int32_t count = llama_vocab_n_tokens(vocabulary);
  std::vector<std::string> pieces;
  std::vector<bool> end, control;
  for (TokenId token = 0; token < count; ++token) {
    pieces.push_back(piece_of(vocabulary, token));
    end.push_back(llama_vocab_is_eog(vocabulary, token));
    control.push_back(llama_vocab_is_control(vocabulary, token));
  }
  return {std::move(pieces), std::move(end), std::move(control)};
}

int threads_wanted(const EngineOptions& options) {
  return options.load.threads_max > 0 ? static_cast<int>(options.load.threads_max) : options.cores;
}

enum class Kernels { kRepacked, kPlain };

llama_model_params model_params(Kernels kernels) {
  llama_model_params params = llama_model_default_params();
  params.n_gpu_layers = 0;
  params.load_mode = LLAMA_LOAD_MODE_MMAP;
  params.use_extra_bufts = kernels == Kernels::kRepacked;
  return params;
}

llama_context_params context_params(const EngineOptions& options, std::int64_t context_tokens) {
  const auto sequences = static_cast<std::uint32_t>(options.load.sequences);
  // Room for the tokens that fill up the last four of a prompt.
  const auto padded = static_cast<std::uint32_t>((context_tokens + kRowsTogether + kBlock - 1) / kBlock * kBlock);
  llama_context_params params = llama_context_default_params();
  params.n_seq_max = sequences;
  params.n_ctx = padded * sequences;
  params.n_batch = options.load.embedding ? padded : static_cast<std::uint32_t>(kRowsMax);
  params.n_ubatch = params.n_batch;
  params.n_outputs_max = options.load.embedding ? 0 : sequences;
  params.n_threads = 1;
  params.n_threads_batch = 1;
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.kv_unified = options.unified_cache;
  params.swa_full = true;  // Else what lies before the window is gone, and a kept prefix is no longer exact.
  params.embeddings = options.load.embedding;
  params.offload_kqv = false;
  params.op_offload = false;
  params.no_perf = true;
  return params;
}

process::model::ModelInfo describe(const llama_model* model, const EngineOptions& options, std::int64_t context_tokens) {
  return {.architecture = meta(model, "general.architecture"),
          .name = meta(model, "general.name"),
          .context_tokens = context_tokens,
          .vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model)),
          .parameters = static_cast<std::int64_t>(llama_model_n_params(model)),
          .width = llama_model_n_embd_out(model),
          .cpu_variant = options.cpu_variant,
          .engine = fmt::format("llama.cpp {}", llama_version())};
}

bool can_drop_tokens(const llama_model* model) { return !llama_model_is_recurrent(model) && !llama_model_is_hybrid(model); }

/// Whether its weights are of the types that our own products know, for the greater part (llama_ftype's numbers).
bool has_known_weights(const llama_model* model) {
  static const std::set<std::string> known = {"2", "7", "8", "14", "15", "16", "17", "18"};  // Q4_0 Q8_0 Q5_0 Q4_K_S/M Q5_K_S/M Q6_K
  return known.contains(meta(model, "general.file_type"));
}

struct Loaded {
  Model model{nullptr, llama_model_free};  ///< Null where libllama cannot load it.
  bool matrix = false;                     ///< Its products go through our own kernels.
};

Model load_with(std::FILE* file, Kernels kernels) {
  std::rewind(file);
  return {llama_model_load_from_file_ptr(file, model_params(kernels)), llama_model_free};
}

/// The fastest kernels that the model, the processor and exactness allow.
Loaded load_model(std::FILE* file, const EngineOptions& options) {
  const bool matrix = use_matrix_backend(options.matrix);
  const PackedLoading packed;
  Loaded loaded{load_with(file, matrix ? Kernels::kPlain : Kernels::kRepacked), matrix};
  if (!loaded.model) return loaded;
  const bool drops = can_drop_tokens(loaded.model.get());
  if (matrix && drops && has_known_weights(loaded.model.get())) return loaded;
  loaded.matrix = use_matrix_backend(false);
  const Kernels wanted = options.load.exact && !drops ? Kernels::kPlain : Kernels::kRepacked;
  if (wanted == (matrix ? Kernels::kPlain : Kernels::kRepacked)) return loaded;
  loaded.model.reset();
  loaded.model = load_with(file, wanted);
  return loaded;
}

}  // namespace

struct LlamaEngine::Native {
  using NewPool = decltype(&ggml_threadpool_new);
  using FreePool = decltype(&ggml_threadpool_free);

  Native(Model model_in, bool matrix_in, Context context_in, const EngineOptions& options, process::model::ModelInfo info_in)
      : model(std::move(model_in)),
        context(std::move(context_in)),
        vocabulary(read_vocabulary(llama_model_get_vocab(model.get()))),
        info(std::move(info_in)),
        narrow(threads_wanted(options), options.cores, ThreadControl::Cost::kPerStep),
        wide(threads_wanted(options), options.cores, ThreadControl::Cost::kPerRow),
        embeds(options.load.embedding),
        adapt_threads(options.adapt_threads),
        can_redo(can_drop_tokens(model.get())),
        matrix(matrix_in),
        by_fours(options.load.exact && can_redo && !matrix),
        batch(llama_batch_init(static_cast<std::int32_t>(llama_n_batch(context.get())), 0, 1)) {
    ggml_backend_reg_t cpu = ggml_backend_dev_backend_reg(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU));
    new_pool = reinterpret_cast<NewPool>(ggml_backend_reg_get_proc_address(cpu, "ggml_threadpool_new"));
    free_pool = reinterpret_cast<FreePool>(ggml_backend_reg_get_proc_address(cpu, "ggml_threadpool_free"));
    if (adapt_threads && can_redo) llama_set_abort_callback(context.get(), give_up, this);
  }
  ~Native() {
    context.reset();
    for (const auto& [threads, pool] : pools) free_pool(pool);
    llama_batch_free(batch);
  }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  /// Asked by libllama between the operations of a step.
  static bool give_up(void* data) {
    auto& self = *static_cast<Native*>(data);
    // A wide step waits less often than it computes; to do it again would cost more than to end it.
    if (!self.is_narrow() || self.narrow.threads() == 1) return false;
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t wall_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
    if (wall_ns < self.next_ask_ns) return false;
    self.next_ask_ns = wall_ns + kAskCpu_ns;
    const StepTime so_far = step_clock();
    return self.narrow.starved({.wall_ns = so_far.wall_ns - self.begin.wall_ns, .cpu_ns = so_far.cpu_ns - self.begin.cpu_ns}, self.rows());
  }

  [[nodiscard]] std::size_t rows() const { return static_cast<std::size_t>(batch.n_tokens); }
  [[nodiscard]] bool is_narrow() const { return batch.n_tokens <= kNarrowRows; }

  /// Our own products take `threads`. What is left of a step of few rows, or of a small model that embeds, is too little to share:
  /// threads of libllama's that wait for each other, spinning, would take the cores from ours, and stall where others want them.
  void use_threads(int threads) {
    if (matrix) set_matrix_threads(threads);
    use_engine_threads(matrix && (embeds || rows() < kRowsToShare) ? 1 : threads);
  }

  /// A pool a number of threads: those that are not in use sleep. poll = 0: threads sleep between steps, too.
  void use_engine_threads(int threads) {
    if (threads == threads_in_use) return;
    threads_in_use = threads;
    llama_set_n_threads(context.get(), threads, threads);
    if (new_pool == nullptr || free_pool == nullptr) return;
    auto [entry, is_new] = pools.try_emplace(threads, nullptr);
    if (is_new) {
      ggml_threadpool_params params = ggml_threadpool_params_default(threads);
      params.poll = 0;
      entry->second = new_pool(&params);
    }
    llama_attach_threadpool(context.get(), entry->second, entry->second);
  }

  /// One try. 0: done; kGivenUp; else an error of libllama.
  int run_batch() {
    ThreadControl& control = is_narrow() ? narrow : wide;
    use_threads(control.threads());
    begin = step_clock();
    next_ask_ns = begin.wall_ns + kAskCpu_ns;
    int result = -1;
    try {
      result = llama_decode(context.get(), batch);
      llama_synchronize(context.get());
    } catch (const std::exception&) {
      result = -1;
    }
    const StepTime end = step_clock();
    const StepTime step{.wall_ns = end.wall_ns - begin.wall_ns, .cpu_ns = end.cpu_ns - begin.cpu_ns};
    const auto outcome = result == kGivenUp ? ThreadControl::Outcome::kGivenUp : ThreadControl::Outcome::kDone;
    if (adapt_threads) control.observe(step, rows(), outcome, end.wall_ns);
    return result;
  }

  void add_to_batch(const Row& row, bool logits) {
    const std::int32_t at = batch.n_tokens++;
    batch.token[at] = row.token;
    batch.pos[at] = row.position;
    batch.n_seq_id[at] = 1;
    batch.seq_id[at][0] = row.sequence;
    batch.logits[at] = logits ? 1 : 0;
  }

  /// Drops what the batch has written, of each of its sequences.
  void take_back() {
    std::map<int, std::int32_t> first;
    for (std::int32_t i = 0; i < batch.n_tokens; ++i) {
      auto [entry, is_new] = first.try_emplace(batch.seq_id[i][0], batch.pos[i]);
      if (!is_new) entry->second = std::min(entry->second, batch.pos[i]);
    }
    if (memory() == nullptr) return;
    for (const auto& [sequence, position] : first) llama_memory_seq_rm(memory(), sequence, position, -1);
  }

  Result<void> run() {
    for (;;) {
      const int result = run_batch();
      if (result == 0) return {};
      take_back();
      if (result != kGivenUp) return fail(ErrorCode::kInternal, fmt::format("llama_decode: {} for {} rows", result, rows()));
    }
  }

  [[nodiscard]] llama_memory_t memory() const { return llama_get_memory(context.get()); }

  Model model;
  Context context;
  Vocabulary vocabulary;
  process::model::ModelInfo info;
  ThreadControl narrow;  ///< For steps of a few rows: answers.
  ThreadControl wide;    ///< For steps of many: prompts.
  bool embeds;
  bool adapt_threads;
  bool can_redo;  ///< What a step that was given up has written can be taken back.
  bool matrix;    ///< Our own kernels compute the products, on threads of their own.
  bool by_fours;  ///< Exact on libllama's repacked kernels.
  llama_batch batch;
  NewPool new_pool = nullptr;
  FreePool free_pool = nullptr;
  std::map<int, ggml_threadpool*> pools;
  int threads_in_use = 0;
  std::int32_t logits_row = 0;  ///< Of the batch: where logits(0) is.
  StepTime begin;
  std::int64_t next_ask_ns = 0;
};

LlamaEngine::LlamaEngine(std::unique_ptr<Native> native) : native_(std::move(native)) {}
LlamaEngine::~LlamaEngine() = default;

Result<std::unique_ptr<LlamaEngine>> LlamaEngine::load(int fd, const EngineOptions& options) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(::dup(fd), "rb"), std::fclose);
  if (!file) return fail(ErrorCode::kCorrupt, "no model file");
  (void)take_engine_messages();
  try {
    auto [model, matrix] = load_model(file.get(), options);
    if (!model) return fail(ErrorCode::kCorrupt, "libllama cannot load the model: " + take_engine_messages());
    if (llama_vocab_n_tokens(llama_model_get_vocab(model.get())) == 0) return fail(ErrorCode::kUnsupported, "the model has no vocabulary");
    const std::int64_t context_tokens = std::min<std::int64_t>(options.load.context_tokens, llama_model_n_ctx_train(model.get()));
    Context context(llama_init_from_model(model.get(), context_params(options, context_tokens)), llama_free);
    if (!context) return fail(ErrorCode::kUnavailable, "no memory for the model's context: " + take_engine_messages());
    if (!options.load.embedding && llama_get_memory(context.get()) == nullptr) {
      return fail(ErrorCode::kUnsupported, "the model makes no text: it is for embeddings");
    }
    process::model::ModelInfo info = describe(model.get(), options, context_tokens);
    if (matrix) info.cpu_variant += "+matrix";
    auto native = std::make_unique<Native>(std::move(model), matrix, std::move(context), options, std::move(info));
    return std::unique_ptr<LlamaEngine>(new LlamaEngine(std::move(native)));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kUnavailable, "no memory for the model");
  } catch (const std::exception& error) {
    return fail(ErrorCode::kCorrupt, fmt::format("libllama cannot load the model: {}", error.what()));
  }
}

const process::model::ModelInfo& LlamaEngine::info() const { return native_->info; }
const Vocabulary& LlamaEngine::vocabulary() const { return native_->vocabulary; }
const llama_vocab* LlamaEngine::native_vocabulary() const { return llama_model_get_vocab(native_->model.get()); }
std::int32_t LlamaEngine::context_tokens() const { return static_cast<std::int32_t>(native_->info.context_tokens); }
std::size_t LlamaEngine::portion_max() const { return llama_n_batch(native_->context.get()); }
std::size_t LlamaEngine::rows_max() const {
  return native_->by_fours ? kRowsTogether - 1 : llama_n_seq_max(native_->context.get());
}
bool LlamaEngine::embeds() const { return native_->embeds; }
int LlamaEngine::threads() const { return native_->narrow.threads(); }
bool LlamaEngine::preempted() const { return native_->narrow.preempted(); }

Result<std::vector<TokenId>> LlamaEngine::tokenize(std::string_view text, TokenizeOptions options) const {
  std::vector<TokenId> tokens(text.size() / 2 + 16);
  try {
    for (int round = 0; round < 2; ++round) {
      const std::int32_t count = llama_tokenize(native_vocabulary(), text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                                                static_cast<std::int32_t>(tokens.size()), options.first, options.special);
      tokens.resize(static_cast<std::size_t>(std::abs(static_cast<std::int64_t>(count))));
      if (count >= 0) return tokens;
    }
  } catch (const std::exception&) {
  }
  return fail(ErrorCode::kInternal, fmt::format("libllama cannot tokenise a text of {} bytes", text.size()));
}

Result<void> LlamaEngine::decode(std::span<const Row> rows) {
  CHECK(!rows.empty() && rows.size() <= rows_max());
  native_->batch.n_tokens = 0;
  native_->logits_row = 0;
  for (const Row& row : rows) native_->add_to_batch(row, true);
  return native_->run();
}

Result<void> LlamaEngine::prefill(const Portion& portion) {
  CHECK(!portion.tokens.empty() && portion.tokens.size() <= portion_max());
  native_->batch.n_tokens = 0;
  native_->logits_row = static_cast<std::int32_t>(portion.tokens.size()) - 1;
  Row row{.sequence = portion.sequence, .position = portion.position};
  for (const TokenId token : portion.tokens) {
    row.token = token;
    native_->add_to_batch(row, portion.logits && native_->batch.n_tokens == native_->logits_row);
    ++row.position;
  }
  const std::int32_t end = row.position;
  for (; native_->by_fours && native_->batch.n_tokens % kRowsTogether != 0; ++row.position) native_->add_to_batch(row, false);
  if (auto done = native_->run(); !done) return done;
  if (row.position > end) CHECK(trim(portion.sequence, end));
  return {};
}

std::span<const float> LlamaEngine::logits(std::size_t row) const {
  const float* values = llama_get_logits_ith(native_->context.get(), native_->logits_row + static_cast<std::int32_t>(row));
  CHECK(values != nullptr);
  return {values, native_->vocabulary.size()};
}

void LlamaEngine::clear(int sequence) { (void)trim(sequence, 0); }

bool LlamaEngine::can_trim() const { return native_->can_redo; }

bool LlamaEngine::trim(int sequence, std::int32_t position) {
  return native_->memory() == nullptr || llama_memory_seq_rm(native_->memory(), sequence, position, -1);
}

std::vector<std::uint8_t> LlamaEngine::save(int sequence) const {
  std::vector<std::uint8_t> state(llama_state_seq_get_size(native_->context.get(), sequence));
  state.resize(llama_state_seq_get_data(native_->context.get(), state.data(), state.size(), sequence));
  return state;
}

bool LlamaEngine::restore(int sequence, std::span<const std::uint8_t> state) {
  return llama_state_seq_set_data(native_->context.get(), state.data(), state.size(), sequence) == state.size();
}

void LlamaEngine::wipe() {
  if (native_->memory() != nullptr) llama_memory_clear(native_->memory(), true);
}

Result<std::vector<float>> LlamaEngine::embed(std::span<const TokenId> tokens) {
  CHECK(!tokens.empty() && tokens.size() <= portion_max());
  clear(0);
  native_->batch.n_tokens = 0;
  for (const TokenId token : tokens) native_->add_to_batch({.sequence = 0, .position = native_->batch.n_tokens, .token = token}, true);
  if (auto done = native_->run(); !done) return fail(done.error());
  const float* values = llama_get_embeddings_seq(native_->context.get(), 0);
  if (values == nullptr) values = llama_get_embeddings_ith(native_->context.get(), -1);
  if (values == nullptr) return fail(ErrorCode::kUnsupported, "the model gives no embeddings");
  std::vector<float> vector(values, values + native_->info.width);
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * value;
  if (!(square > 0) || !std::isfinite(square)) return fail(ErrorCode::kInternal, "the embedding has no direction");
  for (float& value : vector) value = static_cast<float>(value / std::sqrt(square));
  return vector;
}

}  // namespace sekisho::worker

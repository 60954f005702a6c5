#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "process/frame.h"

/// What the server and `sekisho-model` say to each other. Payloads are JSON, but for kVectors. The frame's id names the request.
/// Text is UTF-8; a token's text may end inside a character, so the worker holds incomplete bytes back.
namespace sekisho::process::model {

enum class MessageType : std::uint16_t {
  // server → worker
  kLoad = 1,      ///< LoadRequest, once, first.
  kGenerate = 2,  ///< GenerateRequest; id must be new.
  kScore = 3,     ///< ScoreRequest; answered by kScored.
  kEmbed = 4,     ///< EmbedRequest; answered by kVectors.
  kCount = 5,     ///< {"texts":[…]}; answered by kCounted.
  kCancel = 6,    ///< Ends the request `id`; answered by kDone{"cancelled"} or kFailed(cancelled).
  kCredit = 7,    ///< {"tokens":n}: the reader has room for n more tokens of request `id`.
  kForget = 8,    ///< {"scope":s}: drops every kept prefix of that scope ("" = all).
  // worker → server
  kReady = 20,     ///< ModelInfo, after kLoad.
  kProgress = 21,  ///< Progress of prefill.
  kToken = 22,     ///< Token.
  kDone = 23,      ///< Done.
  kScored = 24,    ///< Scored.
  kVectors = 25,   ///< u32 count, u32 width, then count × width float32, little endian, each of length 1.
  kCounted = 26,   ///< {"tokens":[n,…]}
  kFailed = 27,    ///< {"code":…,"detail":…}: this request failed, others go on.
  kSealed = 28,    ///< SealReport, before kLoad is read.
  kStats = 29,     ///< {"threads":n,"preempted":bool,"resident_sequences":n}: when the number of threads changed.
};

struct LoadRequest {
  std::int64_t context_tokens = 4096;  ///< Of one sequence.
  std::int64_t sequences = 4;          ///< Turns at once.
  std::int64_t kept_prefixes = 8;      ///< Further sequences that hold kept prefixes.
  std::int64_t threads_max = 0;        ///< 0: as many as cores.
  bool exact = true;                   ///< Bitwise the same alone or in company (INFERENCE.md).
  bool embedding = false;              ///< Load for kEmbed instead of kGenerate.
};

/// A piece of the prompt. A prefix of segments whose last has `keep` stays in memory under the request's scope, and a
/// later request of the same scope that starts with the same tokens reads it from there: exact, because it is a prefix.
struct Segment {
  std::string text;
  bool special = false;  ///< Parse control tokens in it: only for the template's own text, never for a person's or a document's.
  bool keep = false;
};

struct GenerateRequest {
  std::string scope;  ///< Who may share kept prefixes; "" shares with nobody and keeps nothing.
  std::vector<Segment> prompt;
  std::int64_t max_tokens = 512;
  double temperature = 0.0;  ///< 0: greedy.
  double top_p = 1.0;
  std::uint64_t seed = 0;
  std::vector<std::string> stop;    ///< Ends before the first occurrence, which is not sent.
  std::string grammar;              ///< GBNF with the root rule `root`; empty: none.
  std::string json_schema;          ///< A JSON schema as text, turned into a grammar by the worker; empty: none.
  bool japanese_only = false;       ///< Mask tokens with characters outside ASCII, JIS X 0208/0213 and the prompt itself.
  std::int64_t credit = 64;         ///< Tokens that may be sent before the first kCredit.
  double repeat_penalty = 1.0;
};

/// Log-probabilities of fixed continuations right after the prompt (for the judge: はい / いいえ).
struct ScoreRequest {
  std::string scope;
  std::vector<Segment> prompt;
  std::vector<std::string> options;  ///< Each is tokenised apart and scored as a whole (sum over its tokens).
};

struct EmbedRequest {
  std::vector<std::string> texts;  ///< With the model's own prefix already in front; cut to the context by the worker.
};

struct ModelInfo {
  std::string architecture;
  std::string name;
  std::int64_t context_tokens = 0;
  std::int64_t vocabulary = 0;
  std::int64_t parameters = 0;
  std::int64_t width = 0;      ///< Of an embedding.
  std::string cpu_variant;     ///< Which ggml CPU backend was chosen: part of the audit entry.
  std::string engine;          ///< llama.cpp build identification.
};

struct Progress {
  std::int64_t done_tokens = 0;
  std::int64_t total_tokens = 0;
};

struct Token {
  std::string text;
  double log_probability = 0;  ///< Natural logarithm, of the chosen token under the model's own (unmasked, T = 1) distribution.
  std::int64_t tokens = 1;     ///< How many tokens `text` is made of (bytes held back).
};

struct Done {
  std::string reason;  ///< "stop", "length", "cancelled", "context" (the context is full).
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;  ///< Of them read from a kept prefix.
  std::int64_t output_tokens = 0;
  double prefill_ms = 0;
  double decode_ms = 0;
};

struct Scored {
  std::vector<double> log_probabilities;  ///< One an option.
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;
};

[[nodiscard]] Json to_json(const LoadRequest& value);
[[nodiscard]] Json to_json(const GenerateRequest& value);
[[nodiscard]] Json to_json(const ScoreRequest& value);
[[nodiscard]] Json to_json(const EmbedRequest& value);
[[nodiscard]] Json to_json(const ModelInfo& value);
[[nodiscard]] Json to_json(const Progress& value);
[[nodiscard]] Json to_json(const Token& value);
[[nodiscard]] Json to_json(const Done& value);
[[nodiscard]] Json to_json(const Scored& value);

/// Each refuses unknown members and values out of range. Errors: kInvalid with the path.
[[nodiscard]] Result<LoadRequest> load_request(const Json& json);
[[nodiscard]] Result<GenerateRequest> generate_request(const Json& json);
[[nodiscard]] Result<ScoreRequest> score_request(const Json& json);
[[nodiscard]] Result<EmbedRequest> embed_request(const Json& json);
[[nodiscard]] Result<ModelInfo> model_info(const Json& json);
[[nodiscard]] Result<Progress> progress(const Json& json);
[[nodiscard]] Result<Token> token(const Json& json);
[[nodiscard]] Result<Done> done(const Json& json);
[[nodiscard]] Result<Scored> scored(const Json& json);

}  // namespace sekisho::process::model

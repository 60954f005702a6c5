#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "worker/llama_mask.h"

struct llama_vocab;
struct llama_sampler;

namespace sekisho::worker {

/// A token that may come next and its logit.
struct Candidate {
  TokenId token = 0;
  float logit = 0;
};

/// Which tokens a formal grammar admits, along one answer. Threads: one.
class Grammar {
 public:
  /// `gbnf` has the rule `root`. Errors: kInvalid where it is no grammar.
  [[nodiscard]] static Result<std::unique_ptr<Grammar>> parse(const llama_vocab* vocabulary, const std::string& gbnf);

  /// Takes out of `candidates` what the grammar does not admit next, leaving the order.
  void filter(std::vector<Candidate>& candidates) const;
  /// Errors: kInternal where the token was not admitted.
  [[nodiscard]] Result<void> accept(TokenId token);

 private:
  struct Free {
    void operator()(llama_sampler* sampler) const;
  };
  explicit Grammar(llama_sampler* sampler) : sampler_(sampler) {}
  std::unique_ptr<llama_sampler, Free> sampler_;
};

/// The grammar (GBNF) of the JSON texts that `schema` admits.
/// Errors: kInvalid where the schema is no JSON or beyond what can be turned into a grammar; kUnsupported in a build
/// against an installed libllama, which lacks the converter.
[[nodiscard]] Result<std::string> grammar_of_schema(const std::string& schema);

}  // namespace sekisho::worker

#include "worker/llama_grammar.h"

#include <cmath>
#include <exception>

#include <llama.h>

namespace sekisho::worker {

void Grammar::Free::operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }

Result<std::unique_ptr<Grammar>> Grammar::parse(const llama_vocab* vocabulary, const std::string& gbnf) {
  try {
    llama_sampler* sampler = llama_sampler_init_grammar(vocabulary, gbnf.c_str(), "root");
    if (sampler != nullptr) return std::unique_ptr<Grammar>(new Grammar(sampler));
  } catch (const std::exception&) {
  }
  return fail(ErrorCode::kInvalid, "grammar: cannot be parsed");
}

void Grammar::filter(std::vector<Candidate>& candidates) const {
  std::vector<llama_token_data> data;
  data.reserve(candidates.size());
  for (const Candidate& each : candidates) data.push_back({each.token, each.logit, 0});
  llama_token_data_array all{data.data(), data.size(), -1, false};
  llama_sampler_apply(sampler_.get(), &all);
  candidates.clear();
  for (std::size_t i = 0; i < all.size; ++i) {
    if (!std::isinf(all.data[i].logit)) candidates.push_back({all.data[i].id, all.data[i].logit});
  }
}

Result<void> Grammar::accept(TokenId token) {
  try {
    llama_sampler_accept(sampler_.get(), token);
    return {};
  } catch (const std::exception&) {
    return fail(ErrorCode::kInternal, "the grammar does not admit the chosen token");
  }
}

}  // namespace sekisho::worker

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "crypto/sign.h"

namespace sekisho::proof {

/// What someone who keeps something outside needs in order to see a tampering.
enum class Kept {
  kNothing,    ///< The log and its checkpoints tell by themselves.
  kPublicKey,  ///< The key that began.
  kPaper,      ///< The last checkpoint's size and root.
  kWitness,    ///< A copy of the checkpoint file.
};

/// A log and its checkpoints, whole and real, and what a thief may have of it.
struct World {
  std::vector<std::string> lines;             ///< Entries.
  std::vector<std::int64_t> segment_starts;   ///< Sequences at which files begin.
  std::vector<std::string> seals;             ///< Of the checkpoint file.
  std::string public_key;                     ///< That began.
  std::string paper;                          ///< The last checkpoint, which covers all entries.
  std::int64_t now_ms = 0;
  std::optional<crypto::SigningKey> stolen;   ///< The key that signs now: always there.
};
[[nodiscard]] World make_world(std::uint64_t seed);

/// Names and contents of the files of a log's folder.
using Files = std::map<std::string, std::string>;
[[nodiscard]] Files files_of(const World& world);

struct Tampering {
  const char* name = "";
  Kept needs = Kept::kNothing;
  Files files;
};

/// One way of tampering with `world` out of some thirty, by its random numbers; nothing where it changed nothing.
/// `other`: another log, for what is spliced in.
[[nodiscard]] std::optional<Tampering> tamper(const World& world, const World& other, std::mt19937_64& random);

}  // namespace sekisho::proof

#pragma once

#include <cstdint>

/// Linked into a proof, the system's random numbers become numbers that follow from a key: getrandom(2) and libsodium's generator are
/// replaced in this process alone. Two runs with the same keys draw the same ids, tokens and secrets, so that their answers can be
/// held against each other byte by byte without leaving anything out.
namespace sekisho::proof {

/// To be called before anything is drawn. Threads: from one.
void make_random_steady();

/// From here on what is drawn follows from `key`. Threads: safe from any.
void restart_random(std::uint64_t key);

/// A number that follows from two others.
[[nodiscard]] std::uint64_t mixed(std::uint64_t a, std::uint64_t b);

}  // namespace sekisho::proof

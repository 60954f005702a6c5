#include "steady_random.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>

#include <sodium.h>
#include <sys/types.h>

namespace sekisho::proof {
namespace {

std::atomic<std::uint64_t> random_key = 1;
std::atomic<std::uint64_t> id_place = 0, secret_place = 0;

void fill(std::atomic<std::uint64_t>& places, std::uint64_t key, void* buffer, std::size_t size) {
  auto* const bytes = static_cast<unsigned char*>(buffer);
  const std::uint64_t place = places.fetch_add(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(mixed(key, place + i) >> 24);
}

void fill_secret(void* buffer, std::size_t size) { fill(secret_place, mixed(random_key, 1), buffer, size); }

std::uint32_t some_number() {
  std::uint32_t number = 0;
  fill_secret(&number, sizeof number);
  return number;
}

}  // namespace

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a * 0x9E3779B97F4A7C15U + b + 0x2545F4914F6CDD1DU;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

void make_random_steady() {
  static randombytes_implementation steady = {};
  steady.implementation_name = [] { return "steady"; };
  steady.random = some_number;
  steady.buf = fill_secret;
  if (randombytes_set_implementation(&steady) != 0) std::abort();
}

void restart_random(std::uint64_t key) {
  random_key = key;
  id_place = 0;
  secret_place = 0;
}

}  // namespace sekisho::proof

/// Instead of the C library's: what this program links, and the libraries that it loads, call this one.
extern "C" ssize_t getrandom(void* buffer, std::size_t size, unsigned) {
  sekisho::proof::fill(sekisho::proof::id_place, sekisho::proof::random_key, buffer, size);
  return static_cast<ssize_t>(size);
}

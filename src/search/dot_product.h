#pragma once

#include <cstddef>
#include <cstdint>

namespace sekisho::search {

/// The sum of the products of `count` ≤ 65,536 whole numbers, exact: by AVX-512 VNNI or AVX2 where the processor has them, else plainly.
/// `left` is read as it is; both may lie anywhere.
[[nodiscard]] std::int32_t dot_product(const std::int8_t* left, const std::int8_t* right, std::size_t count);

/// Each way by itself, for the test that they agree; nothing where this processor lacks it.
enum class DotWay { kPlain, kAvx2, kVnni };
[[nodiscard]] bool runs_here(DotWay way);
[[nodiscard]] std::int32_t dot_product(DotWay way, const std::int8_t* left, const std::int8_t* right, std::size_t count);

}  // namespace sekisho::search

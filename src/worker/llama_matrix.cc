#include "worker/llama_matrix.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "base/check.h"
#include "worker/llama_attention_kernel.h"
#include "worker/llama_matrix_kernel.h"
#include "worker/llama_team.h"

#ifdef SEKISHO_GGML_INTERNAL
#include <ggml-backend-impl.h>
#include <ggml-backend.h>
#endif

namespace sekisho::worker {

#ifdef SEKISHO_GGML_INTERNAL
namespace {

constexpr std::size_t kFewRows = 16;               ///< An answer's step: what comes next is not far.
constexpr std::size_t kPanelsAtOnce = 2;           ///< That a thread takes of a prompt's products: small, so that one that is preempted holds nobody up long.
constexpr std::size_t kBytesAtOnce = 1 << 18;      ///< Of weights that it takes of an answer's.
constexpr std::size_t kRowsAtOnce = 8;             ///< That a thread rounds.
constexpr std::size_t kKeysAtOnce = 32;            ///< Rows of keys or values.
constexpr std::size_t kQuantizeTogether = 65'536;  ///< Numbers from which on a second thread is worth its waking.
constexpr std::size_t kAttendTogether = 131'072;   ///< Products, likewise.

std::atomic<bool> in_use = false;
std::atomic<bool> loading = false;
std::atomic<std::size_t> threads_wanted = 1;

std::optional<WeightType> weight_type(ggml_type type) {
  switch (type) {
    case GGML_TYPE_Q4_0: return WeightType::kQ4_0;
    case GGML_TYPE_Q5_0: return WeightType::kQ5_0;
    case GGML_TYPE_Q8_0: return WeightType::kQ8_0;
    case GGML_TYPE_Q4_K: return WeightType::kQ4_K;
    case GGML_TYPE_Q5_K: return WeightType::kQ5_K;
    case GGML_TYPE_Q6_K: return WeightType::kQ6_K;
    default: return std::nullopt;
  }
}

/// The buffers of packed weights: nobody but the backend computes with what lies there.
ggml_backend_buffer_type_t packed_buffers();
bool is_packed(const ggml_tensor& weights) { return weights.buffer != nullptr && weights.buffer->buft == packed_buffers(); }

/// What a backend of libllama's scheduler has: its threads and the room for the right sides.
class Matrix {
 public:
  void multiply(const ggml_tensor& out) {
    if (out.src[0]->type == GGML_TYPE_F16) {
      attend(out);
    } else {
      multiply_weights(out);
    }
  }

 private:
  QuantizedRows& right_of(std::size_t rows, std::size_t columns) {
    auto found = rights_.find(columns);
    if (found != rights_.end() && found->second.rows() == rows) return found->second;
    if (found != rights_.end()) rights_.erase(found);
    return rights_.try_emplace(columns, rows, columns).first->second;
  }

  static Team::Next next_of(std::size_t rows) { return rows <= kFewRows ? Team::Next::kSoon : Team::Next::kLater; }

  void quantize(const float* values, QuantizedRows& right) {
    if (right.rows() * right.columns() < kQuantizeTogether) return right.quantize(values, 0, right.rows());
    team_.share(threads_wanted, right.rows(), kRowsAtOnce, next_of(right.rows()),
                [&](std::size_t first, std::size_t last) { right.quantize(values, first, last); });
  }

  void multiply_weights(const ggml_tensor& out) {
    const ggml_tensor& weights = *out.src[0];
    const ggml_tensor& values = *out.src[1];
    QuantizedRows& right = right_of(static_cast<std::size_t>(values.ne[1]), static_cast<std::size_t>(values.ne[0]));
    quantize(static_cast<const float*>(values.data), right);
    const WeightType type = *weight_type(weights.type);
    const std::size_t panel_bytes = weights.nb[1] * kPanelRows;
    const std::size_t at_once = right.rows() <= kFewRows ? std::max<std::size_t>(kBytesAtOnce / panel_bytes, 1) : kPanelsAtOnce;
    team_.share(threads_wanted, static_cast<std::size_t>(weights.ne[1]) / kPanelRows, at_once, next_of(right.rows()), [&](std::size_t first, std::size_t last) {
      for (std::size_t panel = first; panel < last; ++panel) {
        multiply_panel(type, static_cast<const std::uint8_t*>(weights.data) + panel * panel_bytes, right,
                       static_cast<float*>(out.data) + panel * kPanelRows, out.nb[1] / sizeof(float));
      }
    });
  }

  /// Several heads of the right side share one of the left: they are its rows.
  void attend(const ggml_tensor& out) {
    const ggml_tensor& halves = *out.src[0];
    const ggml_tensor& values = *out.src[1];
    const std::int64_t share_2 = values.ne[2] / halves.ne[2];
    const std::int64_t share_3 = values.ne[3] / halves.ne[3];
    const auto left_rows = static_cast<std::size_t>(halves.ne[1]);
    const std::size_t stretches = (left_rows + kKeysAtOnce - 1) / kKeysAtOnce;
    const auto heads = static_cast<std::size_t>(halves.ne[2] * halves.ne[3]);
    const std::size_t row_count = static_cast<std::size_t>(values.ne[1] * share_2 * share_3);
    const bool small = row_count * heads * left_rows * static_cast<std::size_t>(halves.ne[0]) < kAttendTogether;
    team_.share(small ? 1 : threads_wanted.load(), heads * stretches, 1, next_of(static_cast<std::size_t>(values.ne[1])), [&](std::size_t first, std::size_t last) {
      for (std::size_t piece = first; piece < last; ++piece) {
        const auto head = static_cast<std::int64_t>(piece / stretches);
        const std::size_t left = piece % stretches * kKeysAtOnce;
        const std::int64_t at_2 = head % halves.ne[2];
        const std::int64_t at_3 = head / halves.ne[2];
        thread_local std::vector<FloatRow> rows;
        rows.clear();
        for (std::int64_t i3 = at_3 * share_3; i3 < (at_3 + 1) * share_3; ++i3) {
          for (std::int64_t i2 = at_2 * share_2; i2 < (at_2 + 1) * share_2; ++i2) {
            for (std::int64_t i1 = 0; i1 < values.ne[1]; ++i1) {
              rows.push_back({.values = at<const float>(values, i1, i2, i3), .out = at<float>(out, i1, i2, i3) + left});
            }
          }
        }
        multiply_halves({.first = at<const std::uint8_t>(halves, static_cast<std::int64_t>(left), at_2, at_3),
                         .row_bytes = halves.nb[1],
                         .rows = std::min(kKeysAtOnce, left_rows - left),
                         .columns = static_cast<std::size_t>(halves.ne[0])},
                        rows);
      }
    });
  }

  template <typename T>
  static T* at(const ggml_tensor& tensor, std::int64_t i1, std::int64_t i2, std::int64_t i3) {
    const std::size_t offset = static_cast<std::size_t>(i1) * tensor.nb[1] + static_cast<std::size_t>(i2) * tensor.nb[2] + static_cast<std::size_t>(i3) * tensor.nb[3];
    return reinterpret_cast<T*>(static_cast<char*>(tensor.data) + offset);
  }

  Team team_;
  std::map<std::size_t, QuantizedRows> rights_;  ///< By their columns: the widths of a model are few.
};

bool only_shapes(ggml_op op) {
  return op == GGML_OP_NONE || op == GGML_OP_RESHAPE || op == GGML_OP_VIEW || op == GGML_OP_PERMUTE || op == GGML_OP_TRANSPOSE;
}

bool can_multiply_weights(const ggml_tensor& out) {
  const ggml_tensor& weights = *out.src[0];
  const ggml_tensor& values = *out.src[1];
  const auto type = weight_type(weights.type);
  return type && ggml_is_matrix(&weights) && ggml_is_contiguous(&weights) && weights.ne[1] % static_cast<std::int64_t>(kPanelRows) == 0 &&
         weights.ne[0] % static_cast<std::int64_t>(weights_together(*type)) == 0 && values.type == GGML_TYPE_F32 && ggml_is_matrix(&values) &&
         ggml_is_contiguous(&values) && out.type == GGML_TYPE_F32 && out.nb[0] == sizeof(float);
}

bool can_attend(const ggml_tensor& out) {
  const ggml_tensor& halves = *out.src[0];
  const ggml_tensor& values = *out.src[1];
  return halves.type == GGML_TYPE_F16 && halves.nb[0] == 2 && values.type == GGML_TYPE_F32 && values.nb[0] == sizeof(float) && out.type == GGML_TYPE_F32 &&
         out.nb[0] == sizeof(float) && values.ne[2] % halves.ne[2] == 0 && values.ne[3] % halves.ne[3] == 0;
}

bool can_multiply(const ggml_tensor& out) { return in_use && (is_packed(*out.src[0]) ? can_multiply_weights(out) : can_attend(out)); }

// The rest is libllama's tables of functions.

const char* packed_name(ggml_backend_buffer_type_t) { return "sekisho_packed"; }

void set_weights(ggml_backend_buffer_t, ggml_tensor* tensor, const void* data, std::size_t offset, std::size_t size) {
  CHECK(offset == 0 && size == ggml_nbytes(tensor));
  pack_weights(*weight_type(tensor->type), static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(tensor->ne[1]),
               static_cast<std::size_t>(tensor->ne[0]), static_cast<std::uint8_t*>(tensor->data));
}

/// All of a model is read for each word of an answer: fewer and larger pages are found faster.
void ask_for_large_pages(std::uint8_t* first, std::size_t size) {
  constexpr std::uintptr_t kPage = 1 << 21;
  const auto begin = (reinterpret_cast<std::uintptr_t>(first) + kPage - 1) / kPage * kPage;
  const auto end = (reinterpret_cast<std::uintptr_t>(first) + size) / kPage * kPage;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

ggml_backend_buffer_t make_packed_buffer(ggml_backend_buffer_type_t type, std::size_t size) {
  ggml_backend_buffer_t buffer = ggml_backend_buft_alloc_buffer(ggml_backend_cpu_buffer_type(), size);
  if (buffer == nullptr) return nullptr;
  //ask_for_large_pages(static_cast<std::uint8_t*>(ggml_backend_buffer_get_base(buffer)), size);
  buffer->buft = type;
  buffer->iface.set_tensor = set_weights;
  buffer->iface.get_tensor = nullptr;
  buffer->iface.cpy_tensor = nullptr;
  return buffer;
}

std::size_t packed_alignment(ggml_backend_buffer_type_t) { return 64; }

const char* backend_name(ggml_backend_t) { return "sekisho"; }
const char* device_name(ggml_backend_dev_t) { return "sekisho"; }
const char* device_description(ggml_backend_dev_t) { return "products of quantised weights"; }
const char* registry_name(ggml_backend_reg_t) { return "sekisho"; }
std::size_t device_count(ggml_backend_reg_t) { return 1; }

ggml_guid_t backend_guid() {
  static ggml_guid guid = {0x73, 0x65, 0x6b, 0x69, 0x73, 0x68, 0x6f, 0x2d, 0x6d, 0x61, 0x74, 0x72, 0x69, 0x78, 0x00, 0x01};
  return &guid;
}

void free_backend(ggml_backend_t backend) {
  delete static_cast<Matrix*>(backend->context);
  delete backend;
}

ggml_status compute(ggml_backend_t backend, ggml_cgraph* graph) {
  for (int i = 0; i < ggml_graph_n_nodes(graph); ++i) {
    const ggml_tensor& node = *ggml_graph_node(graph, i);
    if (node.op == GGML_OP_MUL_MAT && (node.flags & GGML_TENSOR_FLAG_COMPUTE) != 0) static_cast<Matrix*>(backend->context)->multiply(node);
  }
  return GGML_STATUS_SUCCESS;
}

ggml_backend_t make_backend(ggml_backend_dev_t device, const char*) {
  ggml_backend_i functions{};
  functions.get_name = backend_name;
  functions.free = free_backend;
  functions.graph_compute = compute;
  return new ggml_backend{backend_guid(), functions, device, new Matrix};
}

void device_memory(ggml_backend_dev_t, std::size_t* free, std::size_t* total) { *free = *total = 0; }
enum ggml_backend_dev_type device_type(ggml_backend_dev_t) { return GGML_BACKEND_DEVICE_TYPE_ACCEL; }
void device_properties(ggml_backend_dev_t device, ggml_backend_dev_props* properties) {
  *properties = {};
  properties->name = device_name(device);
  properties->description = device_description(device);
  properties->type = device_type(device);
}
/// A model's loader takes them for weights; what is computed lies in plain memory.
ggml_backend_buffer_type_t device_buffers(ggml_backend_dev_t) { return loading ? packed_buffers() : ggml_backend_cpu_buffer_type(); }
bool supports_operation(ggml_backend_dev_t, const ggml_tensor* out) {
  return only_shapes(out->op) || (out->op == GGML_OP_MUL_MAT && can_multiply(*out));
}
bool supports_buffers(ggml_backend_dev_t, ggml_backend_buffer_type_t type) { return ggml_backend_buft_is_host(type) || type == packed_buffers(); }

ggml_backend_dev_t device_of(ggml_backend_reg_t registry, std::size_t) {
  static ggml_backend_device device = [&] {
    ggml_backend_device made{};
    made.iface.get_name = device_name;
    made.iface.get_description = device_description;
    made.iface.get_memory = device_memory;
    made.iface.get_type = device_type;
    made.iface.get_props = device_properties;
    made.iface.init_backend = make_backend;
    made.iface.get_buffer_type = device_buffers;
    made.iface.supports_op = supports_operation;
    made.iface.supports_buft = supports_buffers;
    made.reg = registry;
    return made;
  }();
  return &device;
}

ggml_backend_reg& our_registry() {
  static ggml_backend_reg registry = [] {
    ggml_backend_reg made{};
    made.api_version = GGML_BACKEND_API_VERSION;
    made.iface.get_name = registry_name;
    made.iface.get_device_count = device_count;
    made.iface.get_device = device_of;
    return made;
  }();
  return registry;
}

ggml_backend_buffer_type_t packed_buffers() {
  static ggml_backend_buffer_type type = [] {
    ggml_backend_buffer_type made{};
    made.iface.get_name = packed_name;
    made.iface.alloc_buffer = make_packed_buffer;
    made.iface.get_alignment = packed_alignment;
    made.device = device_of(&our_registry(), 0);
    return made;
  }();
  return &type;
}

}  // namespace

PackedLoading::PackedLoading() { loading = in_use.load(); }
PackedLoading::~PackedLoading() { loading = false; }

void set_matrix_threads(int threads) { threads_wanted = static_cast<std::size_t>(std::max(threads, 1)); }

bool use_matrix_backend(bool use) {
  if (!matrix_kernel_runs_here()) return false;
  static const bool added = [] {
    ggml_backend_register(&our_registry());
    return true;
  }();
  in_use = use;
  return added && use;
}

#else

bool use_matrix_backend(bool) { return false; }
PackedLoading::PackedLoading() = default;
PackedLoading::~PackedLoading() = default;
void set_matrix_threads(int) {}

#endif

}  // namespace sekisho::worker

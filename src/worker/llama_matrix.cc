#include "worker/llama_matrix.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "worker/llama_matrix_kernel.h"

#ifdef SEKISHO_GGML_INTERNAL
#include <ggml-backend-impl.h>
#include <ggml-backend.h>
#endif

namespace sekisho::worker {

#ifdef SEKISHO_GGML_INTERNAL
namespace {

constexpr std::int64_t kRowsMin = 4;            ///< Fewer are an answer's, and stay with the CPU backend.
constexpr std::size_t kPanelsAtOnce = 2;        ///< That a thread takes: small, so that one that is preempted holds nobody up long.
constexpr std::size_t kRowsAtOnce = 8;          ///< That a thread rounds.
constexpr std::size_t kQuantizeTogether = 65'536;  ///< Numbers from which on a second thread is worth its waking.

std::atomic<bool> in_use = false;

/// Threads that sleep until there is something to do. Threads: one calls.
class Team {
 public:
  ~Team() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    called_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  /// Calls `work` with stretches [first, last) of [0, total), `at_once` long, from `count` threads: who is free takes the next.
  void share(std::size_t count, std::size_t total, std::size_t at_once, const std::function<void(std::size_t, std::size_t)>& work) {
    std::atomic<std::size_t> next = 0;
    run(count, [&] {
      for (std::size_t first = next.fetch_add(at_once); first < total; first = next.fetch_add(at_once)) work(first, std::min(first + at_once, total));
    });
  }

 private:
  /// Runs `work` on `count` threads, this one among them, and returns when all have ended.
  void run(std::size_t count, const std::function<void()>& work) {
    const std::size_t helpers = count - 1;
    if (helpers > 0) {
      const std::lock_guard lock(mutex_);
      while (threads_.size() < helpers) threads_.emplace_back([this, index = threads_.size(), seen = call_] { help(index, seen); });
      work_ = &work;
      wanted_ = running_ = helpers;
      ++call_;
    }
    if (helpers > 0) called_.notify_all();
    work();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
  }

  void help(std::size_t index, std::uint64_t seen) {
    std::unique_lock lock(mutex_);
    for (;;) {
      called_.wait(lock, [&] { return ending_ || call_ != seen; });
      if (ending_) return;
      seen = call_;
      if (index >= wanted_) continue;
      const std::function<void()>& work = *work_;
      lock.unlock();
      work();
      lock.lock();
      if (--running_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable called_;
  std::condition_variable done_;
  std::vector<std::thread> threads_;
  const std::function<void()>* work_ = nullptr;
  std::uint64_t call_ = 0;
  std::size_t wanted_ = 0;   ///< Helpers of this call.
  std::size_t running_ = 0;  ///< Of them not yet ended.
  bool ending_ = false;
};

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

/// What a backend of libllama's scheduler has: its threads and the room for the right sides.
struct Matrix {
  Team team;
  std::size_t threads = 1;
  std::map<std::size_t, QuantizedRows> rights;  ///< By their columns: the widths of a model are few.

  QuantizedRows& right_of(std::size_t rows, std::size_t columns) {
    auto found = rights.find(columns);
    if (found != rights.end() && found->second.rows() == rows) return found->second;
    if (found != rights.end()) rights.erase(found);
    return rights.try_emplace(columns, rows, columns).first->second;
  }

  void quantize(const float* values, QuantizedRows& right) {
    if (right.rows() * right.columns() < kQuantizeTogether) return right.quantize(values, 0, right.rows());
    team.share(threads, right.rows(), kRowsAtOnce, [&](std::size_t first, std::size_t last) { right.quantize(values, first, last); });
  }

  void multiply(const ggml_tensor& out) {
    const ggml_tensor& weights = *out.src[0];
    const ggml_tensor& values = *out.src[1];
    const auto weight_rows = static_cast<std::size_t>(weights.ne[1]);
    QuantizedRows& right = right_of(static_cast<std::size_t>(values.ne[1]), static_cast<std::size_t>(values.ne[0]));
    quantize(static_cast<const float*>(values.data), right);
    const WeightType type = *weight_type(weights.type);
    team.share(threads, weight_rows, kPanelsAtOnce * kPanelRows, [&](std::size_t begin, std::size_t end) {
      for (std::size_t first = begin; first < end; first += kPanelRows) {
        const Panel panel{.type = type,
                          .weights = static_cast<const std::uint8_t*>(weights.data) + first * weights.nb[1],
                          .row_bytes = weights.nb[1],
                          .rows = std::min(kPanelRows, weight_rows - first)};
        multiply_panel(panel, right, static_cast<float*>(out.data) + first, out.nb[1] / sizeof(float));
      }
    });
  }
};

bool only_shapes(ggml_op op) {
  return op == GGML_OP_NONE || op == GGML_OP_RESHAPE || op == GGML_OP_VIEW || op == GGML_OP_PERMUTE || op == GGML_OP_TRANSPOSE;
}

bool can_multiply(const ggml_tensor& out) {
  const ggml_tensor& weights = *out.src[0];
  const ggml_tensor& values = *out.src[1];
  const auto type = weight_type(weights.type);
  return in_use && type && ggml_is_matrix(&weights) && ggml_is_contiguous(&weights) &&
         weights.ne[0] % static_cast<std::int64_t>(weights_together(*type)) == 0 && values.type == GGML_TYPE_F32 && ggml_is_matrix(&values) &&
         ggml_is_contiguous(&values) && values.ne[1] >= kRowsMin && out.type == GGML_TYPE_F32 && out.nb[0] == sizeof(float);
}

// The rest is libllama's table of functions.

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

void set_threads(ggml_backend_t backend, int threads) {
  static_cast<Matrix*>(backend->context)->threads = static_cast<std::size_t>(std::max(threads, 1));
}

void device_memory(ggml_backend_dev_t, std::size_t* free, std::size_t* total) { *free = *total = 0; }
enum ggml_backend_dev_type device_type(ggml_backend_dev_t) { return GGML_BACKEND_DEVICE_TYPE_ACCEL; }
void device_properties(ggml_backend_dev_t device, ggml_backend_dev_props* properties) {
  *properties = {};
  properties->name = device_name(device);
  properties->description = device_description(device);
  properties->type = device_type(device);
  properties->caps.buffer_from_host_ptr = true;
}
ggml_backend_buffer_type_t device_buffers(ggml_backend_dev_t) { return ggml_backend_cpu_buffer_type(); }
ggml_backend_buffer_t device_buffer_at(ggml_backend_dev_t, void* at, std::size_t size, std::size_t) {
  return ggml_backend_cpu_buffer_from_ptr(at, size);
}
bool supports_operation(ggml_backend_dev_t, const ggml_tensor* out) {
  return only_shapes(out->op) || (out->op == GGML_OP_MUL_MAT && can_multiply(*out));
}
bool supports_buffers(ggml_backend_dev_t, ggml_backend_buffer_type_t type) { return ggml_backend_buft_is_host(type); }

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
    made.iface.buffer_from_host_ptr = device_buffer_at;
    made.iface.supports_op = supports_operation;
    made.iface.supports_buft = supports_buffers;
    made.reg = registry;
    return made;
  }();
  return &device;
}

void* function_named(ggml_backend_reg_t, const char* name) {
  return std::strcmp(name, "ggml_backend_set_n_threads") == 0 ? reinterpret_cast<void*>(set_threads) : nullptr;
}

}  // namespace

bool use_matrix_backend(bool use) {
  if (!matrix_kernel_runs_here()) return false;
  static ggml_backend_reg registry = [] {
    ggml_backend_reg made{};
    made.api_version = GGML_BACKEND_API_VERSION;
    made.iface.get_name = registry_name;
    made.iface.get_device_count = device_count;
    made.iface.get_device = device_of;
    made.iface.get_proc_address = function_named;
    return made;
  }();
  static const bool added = [] {
    ggml_backend_register(&registry);
    return true;
  }();
  in_use = use;
  return added && use;
}

#else

bool use_matrix_backend(bool) { return false; }

#endif

}  // namespace sekisho::worker

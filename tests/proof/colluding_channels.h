#pragma once

#include <array>
#include <string_view>

namespace sekisho::proof {

/// Ways in which a worker's request, or the worker, may end badly: each is tried by itself.
inline constexpr std::array<std::string_view, 19> kEndings = {"exit_code", "exit_signal", "core_file", "silence", "error_words", "error_code", "member_names",
                                                              "broken_json", "message_kind", "message_size", "another_id", "id_to_come", "id_of_nobody", "late_words",
                                                              "too_many_words", "broken_frame", "closed_channel", "second_seal", "second_ready"};

/// Places outside a worker's memory, in the order of colluding_worker.cc.
inline constexpr std::array<std::string_view, 53> kPlaceNames = {
    "file_tmp", "file_var_tmp", "file_shared_memory", "file_here", "file_name", "symbolic_link", "fifo", "proc_self_comm", "proc_oom_score", "proc_of_others",
    "model_file_bytes", "model_file_size", "model_file_times", "model_file_mode", "model_file_owner", "model_file_attribute", "model_file_place", "model_file_flags",
    "model_file_lock", "model_file_record_lock", "model_file_lease", "model_file_hint", "model_file_cache", "shared_mapping", "system_v_memory", "system_v_messages",
    "system_v_semaphores", "posix_messages", "memory_file", "key_ring", "abstract_socket", "socket_tcp", "socket_udp", "socket_netlink", "socket_virtual_machine",
    "socket_pair", "descriptor_to_server", "signal_to_others", "signal_to_server", "trace_others", "memory_of_others", "process_name", "priority", "host_name",
    "child_that_stays", "new_program", "ring_of_requests", "kernel_program", "performance_counters", "standard_output", "standard_error", "kernel_log", "clock"};

}  // namespace sekisho::proof

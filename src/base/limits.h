#pragma once

#include <cstddef>
#include <cstdint>

/// Every limit of the program, in one place: what grows has its number here. The unit is last in the name.
namespace sekisho::limits {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;
inline constexpr std::size_t kGiB = 1024 * kMiB;

// JSON
inline constexpr std::size_t kJsonDepth = 32;
inline constexpr std::size_t kJsonBytes = 4 * kMiB;

// HTTP
inline constexpr std::size_t kHttpHeaderBytes = 16 * kKiB;
inline constexpr std::size_t kHttpConnections = 8192;
inline constexpr std::size_t kHttpConnectionsPerAddress = 4096;
inline constexpr std::int64_t kHttpHeaderTimeout_ms = 10'000;
inline constexpr std::int64_t kHttpIdleTimeout_ms = 60'000;
inline constexpr std::int64_t kHttpBodyStall_ms = 20'000;

// Documents
inline constexpr std::size_t kDocumentBytes = 512 * kMiB;
inline constexpr std::size_t kDocumentPages = 5'000;
inline constexpr std::size_t kDocumentCharacters = 20'000'000;
inline constexpr std::size_t kFileNameBytes = 255;
inline constexpr std::size_t kUnpackedBytes = 1 * kGiB;      ///< All members of a zip together.
inline constexpr std::size_t kUnpackRatio = 200;             ///< Unpacked ÷ packed beyond which a member is a bomb.
inline constexpr std::size_t kUploadQueue = 10'000;

// Turns
inline constexpr std::size_t kQuestionCharacters = 8'000;
inline constexpr std::size_t kHistoryTurns = 40;
inline constexpr std::size_t kTurnsQueued = 256;
inline constexpr std::size_t kTurnsQueuedPerActor = 8;
inline constexpr std::size_t kEventBufferBytes = 1 * kMiB;   ///< Of one running turn.

// Worker frames
inline constexpr std::size_t kFrameBytes = 16 * kMiB;

// Identity
inline constexpr std::int64_t kSessionIdle_ms = 30 * 60 * 1000;
inline constexpr std::int64_t kSessionTotal_ms = 12 * 60 * 60 * 1000;
inline constexpr std::size_t kPasswordCharacters_min = 12;
inline constexpr std::size_t kPasswordBytes_max = 1024;

}  // namespace sekisho::limits

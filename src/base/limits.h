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
inline constexpr std::size_t kHttpBodyBytesPerSecond_min = 1 * kKiB;  ///< On average, after the first stall time.
inline constexpr std::int64_t kHttpWriteStall_ms = 60'000;
inline constexpr std::int64_t kHttpStreamKeepAlive_ms = 15'000;
inline constexpr std::int64_t kHttpLinger_ms = 2'000;                ///< For the unread rest of a refused body.
inline constexpr std::size_t kHttpBufferedBytes = 256 * kMiB;        ///< Of all buffered bodies together.
inline constexpr std::size_t kHttpUploadBufferBytes = 256 * kKiB;    ///< Of one streamed body.
inline constexpr std::size_t kHttpQueryParameters = 64;
inline constexpr std::size_t kWebFilesBytes = 64 * kMiB;

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
inline constexpr std::int64_t kFrameStall_ms = 30'000;      ///< Silence in the middle of a frame before its channel counts as broken.

// Engine worker
inline constexpr std::size_t kWorkerQueue = 64;                  ///< Requests inside one worker, running and waiting.
inline constexpr std::size_t kWorkerTexts = 4'096;               ///< Of one request to count or embed.
inline constexpr std::size_t kKeptPrefixBytes = 1 * kGiB;        ///< States of all kept prefixes of one model.

// Identity
inline constexpr std::int64_t kSessionIdle_ms = 30 * 60 * 1000;
inline constexpr std::int64_t kSessionTotal_ms = 12 * 60 * 60 * 1000;
inline constexpr std::size_t kPasswordCharacters_min = 12;
inline constexpr std::size_t kPasswordBytes_max = 1024;

// Search
inline constexpr std::size_t kQueryTerms = 512;              ///< Distinct terms of a question, over all fields.
inline constexpr std::size_t kHits = 1'000;                  ///< Passages that one ranking returns.
inline constexpr std::size_t kTokensPerPassage = 65'535;     ///< Terms of a field; what is beyond is not indexed.
inline constexpr std::size_t kSegmentPassages = 1'000'000;    ///< Of one part of an index, so that its offsets fit 31 bits.

// Extraction
inline constexpr std::size_t kExtractPageCharacters = 200'000;   ///< Of one page message; longer texts come as several pages.
inline constexpr std::size_t kExtractNotes = 2'000;              ///< Of one document; the rest is dropped and said so.
inline constexpr std::size_t kExtractMemoryBytes = 3 * kGiB;     ///< Address space of one worker, the document's mapping included.
inline constexpr std::int64_t kExtractCpu_s = 600;               ///< Of one document; the kernel ends the worker.
inline constexpr std::int64_t kExtractTimeout_ms = 900'000;      ///< Of one document, waiting included.
inline constexpr std::size_t kZipMembers = 20'000;
inline constexpr std::size_t kElementDepth = 512;                ///< Open elements of HTML and XML.
inline constexpr std::size_t kTableCells = 1'000;                ///< Of one row.

// The command line's client
inline constexpr std::size_t kClientResponseBytes = 64 * kMiB;
inline constexpr std::size_t kClientEventBytes = 8 * kMiB;
inline constexpr std::size_t kEvalFileBytes = 256 * kMiB;
inline constexpr std::size_t kApiKeysPerOwner = 100;
inline constexpr std::size_t kRateKeys = 100'000;            ///< Whom one rate limiter remembers.

// Store and audit
inline constexpr std::size_t kDatabaseReaders = 4;
inline constexpr std::size_t kPreparedStatements = 256;      ///< Kept by one connection.
inline constexpr std::size_t kPolicyBytes = 256 * kKiB;
inline constexpr std::size_t kAuditLineBytes = 64 * kKiB;
inline constexpr std::size_t kAuditSegmentBytes = 4 * kMiB;  ///< The last segment is read at each start: 0.1 s.

}  // namespace sekisho::limits

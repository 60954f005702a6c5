#include "main/outcome.h"

#include <string_view>

#include <fmt/format.h>

#include "store/disk_error.h"

namespace sekisho::main {
namespace {

std::string_view words_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return "指定に誤りがあります。";
    case ErrorCode::kTooLarge: return "大きすぎます。";
    case ErrorCode::kUnauthorized: return "鍵又はパスワードが違います。";
    case ErrorCode::kDenied: return "見つからないか、権限がありません。";
    case ErrorCode::kConflict: return "既にあるか、ほかで使われています。";
    case ErrorCode::kRateLimited: return "回数が多すぎます。しばらくしてから、もう一度実行してください。";
    case ErrorCode::kBusy: return "混み合っています。しばらくしてから、もう一度実行してください。";
    case ErrorCode::kUnavailable: return "今は使えません。";
    case ErrorCode::kCancelled: return "中止しました。";
    case ErrorCode::kTimeout: return "時間内に終わりませんでした。";
    case ErrorCode::kUnsupported: return "対応していません。";
    case ErrorCode::kCorrupt: return "壊れています。";
    case ErrorCode::kInternal: return "内部の誤りです。記録を添えて、お知らせください。";
  }
  return "";
}

}  // namespace

std::string in_japanese(const Error& error) {
  if (error.detail.starts_with("personal_data: ")) return fmt::format("個人情報が含まれるため、受け付けませんでした。その部分を除いてください。（{}）", error.detail);
  if (error.detail.find(store::kDiskIsFull) != std::string::npos) {
    return fmt::format("ディスクに空きがありません。空きを作ってから、もう一度実行してください。（{}）", error.detail);
  }
  if (error.detail.starts_with("GGUF: ")) {
    const bool kind = error.code == ErrorCode::kUnsupported;
    return fmt::format("{}（{}）", kind ? "この種類のモデルには対応していません。" : "モデルのファイルとして読めません。GGUF形式か、壊れていないかを確かめてください。", error.detail);
  }
  return fmt::format("{}（{}）", words_of(error.code), error.detail);
}

Outcome failed(const Error& error) { return {kExitFailed, "", in_japanese(error) + "\n"}; }

}  // namespace sekisho::main

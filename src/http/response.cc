#include "http/response.h"

#include <utility>

#include "base/check.h"

namespace sekisho::http {

Response Response::json(const Json& value, int status) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = value.dump()};
}

Response Response::text(std::string body, int status) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
}

Response Response::empty() { return {.status = 204}; }

Response Response::see_other(std::string_view location) {
  // "//host" would lead to another server.
  CHECK(location.starts_with('/') && !location.starts_with("//"));
  return {.status = 303, .headers = {{"Location", std::string(location)}}};
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return 400;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kUnauthorized: return 401;
    case ErrorCode::kDenied: return 404;
    case ErrorCode::kConflict: return 409;
    case ErrorCode::kRateLimited: return 429;
    case ErrorCode::kBusy: return 503;
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kCancelled: return 499;
    case ErrorCode::kTimeout: return 504;
    case ErrorCode::kUnsupported: return 415;
    case ErrorCode::kCorrupt: return 422;
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

Response error_response(int status, const Error& error) {
  Json inner = Json::object({{"code", name_of(error.code)}});
  if (status < 500) inner.set("detail", error.detail);
  return Response::json(Json::object({{"error", std::move(inner)}}), status);
}

std::string_view reason_of(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 499: return "Client Closed Request";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Status";
  }
}

}  // namespace sekisho::http

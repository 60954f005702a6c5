#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "model/local_engine.h"
#include "fakes/tiny_gguf.h"

/// A real engine client whose worker is a program of the tests.
namespace sekisho::model {

/// Options to open it with `program`, after the model file that they name was written to `folder`.
inline LocalEngine::Options tiny_engine(const std::filesystem::path& folder, const TinyModel& tiny, const std::string& program) {
  const std::string file = folder / "model.gguf";
  std::ofstream(file, std::ios::binary) << tiny.build();
  LocalEngine::Options options;
  options.worker.program = program;
  options.worker.load.sequences = 2;
  options.model_path = file;
  options.model_sha256 = "ab12";
  return options;
}

}  // namespace sekisho::model

#pragma once

#include "main/commands.h"

namespace sekisho::main {

/// `sekisho audit open …`: asks for, agrees to and reads the sealed content of an Entry, as the person whose key is set.
void add_audit_open(CLI::App& audit, Chosen& chosen);

}  // namespace sekisho::main

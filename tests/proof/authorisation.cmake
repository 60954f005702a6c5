# Proof G7 (needs the real server). A slice of it is a flow test.
add_test(NAME flow.authorisation COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/authorisation.py --cells 12000)
set_tests_properties(flow.authorisation PROPERTIES LABELS flow TIMEOUT 600 ENVIRONMENT "SEKISHO_BIN=${CMAKE_BINARY_DIR}/bin")
add_test(NAME proof.authorisation COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/authorisation.py)
set_tests_properties(proof.authorisation PROPERTIES LABELS proof TIMEOUT 7200 ENVIRONMENT "SEKISHO_BIN=${CMAKE_BINARY_DIR}/bin")

# Requests made from the contract, right and wrong ones, by schemathesis, which it installs.
add_test(NAME proof.contract_fuzz COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/contract_fuzz.py --examples 300 --seed 2)
set_tests_properties(proof.contract_fuzz PROPERTIES LABELS proof TIMEOUT 7200 ENVIRONMENT "SEKISHO_BIN=${CMAKE_BINARY_DIR}/bin")

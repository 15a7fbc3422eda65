# A custom command: writes the SOURCE of a function that returns its NUMBER.
set(function "int number${NUMBER}(void)")
file(WRITE ${SOURCE} "${function};\n${function} { return ${NUMBER}; }\n")

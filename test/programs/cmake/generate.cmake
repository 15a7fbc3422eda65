# A custom command: writes the SOURCE of a function that returns its NUMBER.
file(WRITE ${SOURCE} "int number${NUMBER}(void);\nint number${NUMBER}(void) { return ${NUMBER}; }\n")

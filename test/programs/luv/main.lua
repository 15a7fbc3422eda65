-- main.lua DIRECTORY: luv, module by module. Files are made in the directory.
local check = require 'check'

check.libraries()
local directory = arg[1]
local modules = { 'loop', 'threads', 'tcp', 'pipes', 'datagrams', 'processes', 'signals', 'files',
  'watching', 'names', 'system' }
for _, module in ipairs(modules) do
  check.run(module, require(module)(directory))
end

-- Run on a terminal: what a program does to it and how it is left.
local uv = require 'luv'
local check = require 'check'

-- The flags that stty tells, as a table of words. It is given the terminal by name, since children
-- need not inherit descriptors that a handle was made of.
local function flags()
  local pipe = io.popen('stty -a </dev/tty')
  local words = {}
  for word in pipe:read('a'):gmatch('[%w-]+') do words[word] = true end
  pipe:close()
  return words
end

check.libraries()
check.run('terminal', {
  'kind and size', function()
    check.equal(uv.guess_handle(0), 'tty', 'standard input')
    os.execute('stty rows 31 cols 97 </dev/tty')
    local tty = assert(uv.new_tty(1, false))
    local width, height = tty:get_winsize()
    check.equal(width, 97, 'width')
    check.equal(height, 31, 'height')
    check.fails('ENOTSUP', uv.tty_get_vterm_state())
    check.equal(tty:is_writable(), true, 'writable')
    check.close(tty)
  end,

  'raw mode and back', function()
    local tty = assert(uv.new_tty(0, true))
    check.equal(flags().icanon and flags().echo, true, 'before')
    check.equal(tty:set_mode(1), 0, 'raw')
    check.equal(flags()['-icanon'] and flags()['-echo'], true, 'raw')
    check.equal(tty:set_mode(0), 0, 'normal')
    check.equal(flags().icanon and flags().echo, true, 'after')
    check.equal(tty:set_mode(1), 0, 'raw')
    check.equal(uv.tty_reset_mode(), 0, 'reset')
    check.equal(flags().icanon and flags().echo, true, 'after the reset')
    check.close(tty)
  end,

  'bytes are written', function()
    local tty = assert(uv.new_tty(1, false))
    check.equal(check.await(tty.write, tty, 'written to the terminal\n'), nil, 'error')
    check.equal(tty:try_write('tried\n'), 6, 'bytes')
    check.close(tty)
  end,

  'the window changes', function()
    local signal, seen = uv.new_signal(), check.channel()
    signal:start('sigwinch', seen.put)
    local tty = assert(uv.new_tty(1, false))
    os.execute('stty rows 24 cols 80 </dev/tty')
    check.equal(seen.take(), 'sigwinch', 'signal')
    check.equal(tty:get_winsize(), 80, 'width')
    check.close(signal, tty)
  end,

  'files are no terminals', function()
    local fd = uv.fs_open('/proc/self/stat', 'r', 0)
    check.fails('EINVAL', uv.new_tty(fd, true))
    uv.fs_close(fd)
  end,
})

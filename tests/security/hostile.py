"""Text that tries to be more than text."""

SCRIPT = "<script>window.hacked=1</script>"
IMAGE = "<img src=x onerror=window.hacked=1>"
BRACES = "{{ 7|add:7 }}{% debug %}${7*7}"
BREAKOUT = "'\"><svg/onload=window.hacked=1>"
REVERSED = "\u202egnp.exe\u202c"
TERMINAL = "\x1b[31mred\x1b]0;title\x07"
MARKUP = {"script": SCRIPT, "image": IMAGE, "braces": BRACES, "breakout": BREAKOUT}
ALL = " ".join([*MARKUP.values(), REVERSED, TERMINAL])
SHORT = f"{IMAGE}{BRACES}"  # for fields of 50 characters or so

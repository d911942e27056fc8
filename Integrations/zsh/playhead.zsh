# Tells a recorder that listens to this terminal which commands run: marks in the output that it takes out again
# (ESC ] 633 ; NONCE ; KIND [; FIELD ...] BEL). Silent outside a recording. For zsh 5; no fork.

if [[ -o interactive && -n ${PLAYHEAD_NONCE-} && -z ${__playhead_mark-} ]]; then
  typeset -g __playhead_mark=$'\e]633;'$PLAYHEAD_NONCE';' __playhead_shell="$HOST:$$" __playhead_ran=

  # Sets REPLY to $1 in the form of a field.
  __playhead_field() {
    emulate -L zsh
    REPLY=${1//\\/\\x5c}
    [[ $REPLY == *[$';\x01'-$'\x1f']* ]] || return 0
    REPLY=${REPLY//;/\\x3b}
    REPLY=${REPLY//$'\n'/\\x0a}
    REPLY=${REPLY//$'\t'/\\x09}
    REPLY=${REPLY//$'\e'/\\x1b}
    REPLY=${REPLY//$'\a'/\\x07}
    REPLY=${REPLY//$'\r'/\\x0d}
    REPLY=${REPLY//[$'\x01'-$'\x1f']/?}
  }

  __playhead_preexec() {
    local REPLY
    __playhead_ran=1
    # A line that begins with a space is private.
    if [[ $1 != ' '* ]]; then
      __playhead_field "$1"
      print -rn -- "${__playhead_mark}E;$REPLY"$'\a'
    fi
    print -rn -- "${__playhead_mark}C;$__playhead_shell;zsh;$USERNAME"$'\a'
  }

  # zsh marks a line without its end before it tells of the end of a command, so that the mark would count as output
  # of the command: we draw it instead.
  typeset -g __playhead_draws_end=
  if [[ -o prompt_sp ]]; then
    __playhead_draws_end=1
    unsetopt prompt_sp
  fi

  # First of all prompt functions, so that it sees the status.
  __playhead_precmd() {
    local code=$? pipe="${pipestatus[*]}" REPLY
    __playhead_field "$PWD"
    print -rn -- "${__playhead_mark}P;Cwd=$REPLY"$'\a'
    [[ -n $__playhead_ran ]] && print -rn -- "${__playhead_mark}D;$code;$pipe;$__playhead_shell"$'\a'
    if [[ -n $__playhead_draws_end ]]; then
      print -Pn -- "${PROMPT_EOL_MARK-%B%S%#%s%b}"
      print -rn -- "${(l:COLUMNS - 1:)}"$'\r \r'
    fi
    __playhead_ran=
    # A PS1 that was set anew has lost its marks.
    [[ $PS1 == *"$__playhead_mark"* ]] ||
      PS1="%{${__playhead_mark}A"$'\a'"%}[${PLAYHEAD_MARK:-rec}] ${PS1}%{${__playhead_mark}B"$'\a'"%}"
    return $code
  }

  typeset -ga preexec_functions precmd_functions
  preexec_functions=(__playhead_preexec $preexec_functions)
  precmd_functions=(__playhead_precmd $precmd_functions)
fi

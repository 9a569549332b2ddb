// The keeper's program, for any POSIX shell. A fixed text: everything that differs comes as a parameter and is never parsed.
//
// Parameters: variable, instance, folder of the instance's cgroups or nothing, and the arguments of `ps` where there is no
// /proc. It looks for processes that have the marker, for all that descend from one or share a session with one, stops them
// until no new ones appear (so that nothing forks away while it looks), and only then ends them.

/** In rounds of 50 ms; a process that is still there after all of them cannot be ended. */
const rounds = 200;

export const keeperScript = `exec >/dev/null 2>&1
trap '' INT TERM HUP
while read -r word; do [ "$word" = bye ] && exit 0; done

marker="$1=$2" groups=$3
shift 3

processes_of_proc() {
  marked=" "
  for file in $(grep -lsF -e "$marker" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    marked="$marked\${pid%/environ} "
  done
  for folder in /proc/[0-9]*; do
    pid=\${folder#/proc/} has=-
    read -r line < "$folder/stat" || continue
    case $marked in *" $pid "*) has=marker ;; esac
    set -- \${line##*) }
    [ "$1" = Z ] || echo "$pid $2 $4 $has"
  done
}

processes_of_ps() {
  ps "$@" | while read -r pid parent group session state words; do
    has=-
    case " $words " in *" $marker "*) has=marker ;; esac
    [ "$session" -gt 0 ] || session=$group
    case $state in Z*) ;; *) echo "$pid $parent $session $has" ;; esac
  done
}

is_kin() {
  [ "$has" = marker ] && return 0
  case $known in *" $parent "*) return 0 ;; esac
  case $sessions in *" $session "*) return 0 ;; esac
  return 1
}

find_kin() {
  if [ $# -gt 0 ]; then table=$(processes_of_ps "$@"); else table=$(processes_of_proc); fi
  known=" " sessions=" " before=
  while [ "$before" != "$known" ]; do
    before=$known
    while read -r pid parent session has; do
      [ "$pid" -gt 1 ] && [ "$session" != $$ ] || continue
      case $known in *" $pid "*) continue ;; esac
      is_kin || continue
      known="$known$pid "
      [ "$session" -gt 1 ] && sessions="$sessions$session "
    done <<END
$table
END
  done
}

end_groups() {
  [ -n "$groups" ] || return 0
  for group in "$groups"/*/; do echo 1 > "$group/cgroup.kill"; done
  find "$groups" -depth -type d -exec rmdir {} ';'
}

round=0 last=
while [ $round -lt ${rounds} ]; do
  round=$((round + 1))
  end_groups
  find_kin "$@"
  if [ "$known" = " " ]; then
    [ -d "$groups" ] || exit 0
  elif [ "$known" = "$last" ]; then
    kill -KILL $known
  else
    kill -STOP $known
    last=$known
    continue
  fi
  sleep 0.05 || sleep 1
done`;

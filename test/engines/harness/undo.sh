#!/bin/sh
# Undoes what a run made, when the run ends: its standard input closes then, however it ended.
#
#   group 4711        kill this process group
#   netns NAME        kill what still runs in this network namespace, and remove it
#   folder /PATH      remove this folder
#   forget LINE       LINE is undone already
#
# The latest is undone first: processes before the namespaces and folders that they use.
trap '' HUP INT TERM # whoever interrupts the run means the run

lines=
while IFS= read -r line; do
  case $line in
    'forget '*) lines=$(printf '%s\n' "$lines" | grep -vxF -- "${line#forget }") ;;
    *) lines="$line
$lines" ;;
  esac
done

printf '%s\n' "$lines" | while IFS=' ' read -r verb what; do
  case $verb in
    group)
      kill -s KILL -- "-$what"
      # death takes a moment; the namespaces and folders that they use are next
      for _ in 1 2 3 4 5; do kill -s 0 -- "-$what" && sleep 0.02; done
      ;;
    netns)
      for process in $(ip netns pids "$what"); do kill -s KILL "$process"; done
      ip netns delete "$what"
      ;;
    folder) rm -rf -- "$what" ;;
  esac
done 2>/dev/null

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// The package syscall is frozen without it on amd64.
var setns = map[string]uintptr{"amd64": 308, "arm64": 268}[runtime.GOARCH]

// inNamespace runs f in a network namespace, on a thread of its own. Sockets stay where they were
// made: what f opens can be used by everybody.
func inNamespace(name string, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		done <- func() error {
			file, err := os.Open("/var/run/netns/" + name)
			if err != nil {
				return err
			}
			defer file.Close()
			if _, _, code := syscall.RawSyscall(setns, file.Fd(), syscall.CLONE_NEWNET, 0); code != 0 {
				return fmt.Errorf("setns %s: %w", name, code)
			}
			return f()
		}()
	}()
	return <-done
}

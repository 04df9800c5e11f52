package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	exchanged = "exchanged"
	refused   = "refused"
	silent    = "silent"
)

// dialAll dials everything at once, a namespace a thread, and waits for all answers, or until for
// `quiet` nothing more has happened anywhere: on a busy machine, that comes later.
func dialAll(ends []End, quiet time.Duration) ([]string, error) {
	verdicts := make([]string, len(ends))
	places := map[string][]int{}
	for index, end := range ends {
		places[end.NetworkNamespace] = append(places[end.NetworkNamespace], index)
	}
	patience := newPatience(quiet)
	failures := make(chan error, len(places))
	var group sync.WaitGroup
	for namespace, own := range places {
		group.Go(func() {
			failures <- inNamespace(namespace, func() error {
				return dialFromHere(ends, own, verdicts, patience)
			})
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

type dial struct {
	socket int
	index  int
	sent   bool
	word   string
	want   string
}

// dialFromHere fills in the verdicts of `own`; nobody else writes those.
func dialFromHere(ends []End, own []int, verdicts []string, patience *patience) error {
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	defer syscall.Close(poll)
	open := map[int]*dial{}
	settle := func(d *dial, verdict string) {
		verdicts[d.index] = verdict
		syscall.Close(d.socket)
		delete(open, d.socket)
	}
	for _, index := range own {
		word := fmt.Sprintf("%016x", rand.Uint64())
		socket, err := connect(ends[index])
		if err != nil {
			return fmt.Errorf("dial %v: %w", ends[index], err)
		}
		patience.renew()
		d := &dial{socket: socket, index: index, word: word, want: word + ends[index].Name}
		open[socket] = d
		event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLOUT, Fd: int32(socket)}
		if err := syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, socket, &event); err != nil {
			return err
		}
	}
	events := make([]syscall.EpollEvent, 64)
	for len(open) > 0 {
		left := patience.left()
		if left <= 0 {
			break
		}
		n, err := syscall.EpollWait(poll, events, int(left.Milliseconds())+1)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if n > 0 {
			patience.renew()
		}
		for _, event := range events[:n] {
			d := open[int(event.Fd)]
			if verdict := d.step(poll); verdict != "" {
				settle(d, verdict)
			}
		}
	}
	for _, d := range open {
		settle(d, silent)
	}
	return nil
}

// step does what the socket is ready for; a verdict when there is one.
func (d *dial) step(poll int) string {
	if code, err := syscall.GetsockoptInt(d.socket, syscall.SOL_SOCKET, syscall.SO_ERROR); err != nil || code != 0 {
		return verdictOf(syscall.Errno(code))
	}
	if !d.sent {
		if _, err := syscall.Write(d.socket, []byte(d.word)); err != nil {
			return verdictOf(err)
		}
		d.sent = true
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(d.socket)}
		if err := syscall.EpollCtl(poll, syscall.EPOLL_CTL_MOD, d.socket, &event); err != nil {
			return err.Error()
		}
		return ""
	}
	answer := make([]byte, 256)
	n, err := syscall.Read(d.socket, answer)
	if err != nil {
		return verdictOf(err)
	}
	if got := string(answer[:n]); got != d.want {
		return fmt.Sprintf("got %q instead of %q", got, d.want)
	}
	return exchanged
}

func verdictOf(err error) string {
	switch err {
	case syscall.EAGAIN:
		return ""
	case syscall.ECONNREFUSED:
		return refused
	}
	return err.Error()
}

func connect(end End) (int, error) {
	ip := net.ParseIP(end.Address)
	kind, family := syscall.SOCK_STREAM, syscall.AF_INET6
	if end.Protocol == "UDP" {
		kind = syscall.SOCK_DGRAM
	}
	var address syscall.Sockaddr = &syscall.SockaddrInet6{Port: end.Port, Addr: [16]byte(ip.To16())}
	if four := ip.To4(); four != nil {
		family, address = syscall.AF_INET, &syscall.SockaddrInet4{Port: end.Port, Addr: [4]byte(four)}
	}
	socket, err := syscall.Socket(family, kind|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if kind == syscall.SOCK_STREAM {
		// no TIME_WAIT: a pod has few near ports for many dials
		linger := syscall.Linger{Onoff: 1}
		err = syscall.SetsockoptLinger(socket, syscall.SOL_SOCKET, syscall.SO_LINGER, &linger)
	}
	if err == nil {
		err = syscall.Connect(socket, address)
	}
	if err != nil && err != syscall.EINPROGRESS {
		syscall.Close(socket)
		return -1, err
	}
	return socket, nil
}

// patience ends some time after the last thing that happened, whoever it happened to.
type patience struct {
	quiet time.Duration
	start time.Time
	last  atomic.Int64 // nanoseconds since start
}

func newPatience(quiet time.Duration) *patience {
	return &patience{quiet: quiet, start: time.Now()}
}

func (p *patience) renew() {
	p.last.Store(int64(time.Since(p.start)))
}

func (p *patience) left() time.Duration {
	return time.Duration(p.last.Load()) + p.quiet - time.Since(p.start)
}

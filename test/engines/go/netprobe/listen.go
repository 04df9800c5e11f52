package main

import (
	"fmt"
	"net"
	"time"
)

// A word is as long in every packet, so that one read has all of it.
const wordLength = 16

// Listens for both families, and gives each word back with the listener's name.
func listen(end End) error {
	address := fmt.Sprintf(":%d", end.Port)
	switch end.Protocol {
	case "TCP":
		return inNamespace(end.NetworkNamespace, func() error {
			listener, err := net.Listen("tcp", address)
			if err == nil {
				go echoConnections(listener, end.Name)
			}
			return err
		})
	case "UDP":
		return inNamespace(end.NetworkNamespace, func() error {
			packets, err := net.ListenPacket("udp", address)
			if err == nil {
				go echoPackets(packets, end.Name)
			}
			return err
		})
	}
	return fmt.Errorf("protocol %s", end.Protocol)
}

func echoConnections(listener net.Listener, name string) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			connection.SetDeadline(time.Now().Add(5 * time.Second))
			word := make([]byte, wordLength)
			if n, err := connection.Read(word); err == nil {
				connection.Write(append(word[:n], name...))
			}
		}()
	}
}

func echoPackets(packets net.PacketConn, name string) {
	word := make([]byte, wordLength)
	for {
		n, from, err := packets.ReadFrom(word)
		if err != nil {
			return
		}
		packets.WriteTo(append(word[:n:n], name...), from)
	}
}

module engines/netprobe

go 1.25

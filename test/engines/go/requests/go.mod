module engines/requests

go 1.24

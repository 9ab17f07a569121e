package clients

import (
	"bufio"
	"bytes"
	"net"
	"strconv"
	"sync/atomic"
)

// Server responds to every request on a loopback address with 201. It costs as
// little as possible, so that the clients are compared: it reads only the
// length from a request's header.
type Server struct {
	listener net.Listener
	response []byte
	accepted atomic.Int64
}

// NewServer starts a server that responds with a session: Session or
// SessionOfAny. Close ends it.
func NewServer(session string) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{listener: l, response: []byte("HTTP/1.1 201 Created\r\n" +
		"Content-Type: application/json\r\n" +
		"Twilio-Request-Id: RQdddddddddddddddddddddddddddddddd\r\n" +
		"Content-Length: " + strconv.Itoa(len(session)) + "\r\n\r\n" + session)}
	go s.accept()
	return s, nil
}

// Addr returns the address, host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Connections returns how many connections were opened so far.
func (s *Server) Connections() int { return int(s.accepted.Load()) }

// Close stops listening.
func (s *Server) Close() error { return s.listener.Close() }

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.accepted.Add(1)
		go s.serve(conn)
	}
}

// serve responds to requests until the client closes the connection.
func (s *Server) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	for {
		length, err := readHeader(r)
		if err != nil {
			return
		}
		if _, err := r.Discard(length); err != nil {
			return
		}
		if _, err := conn.Write(s.response); err != nil {
			return
		}
	}
}

var contentLength = []byte("Content-Length: ")

// readHeader reads to the empty line and returns the length of the body.
func readHeader(r *bufio.Reader) (length int, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return length, nil
		}
		if digits, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(digits)); err != nil {
				return 0, err
			}
		}
	}
}

package redisstore

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"wxhub/model"
)

const defaultPort = "6379"

// location is a URL taken apart. net/url refuses several hosts with ports.
type location struct {
	scheme string
	user   *url.Userinfo
	hosts  []string
	path   []string
	query  url.Values
}

func takeApart(text string) (l location, err error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return l, errURL("it must have the form scheme://host:port")
	}
	l.scheme = scheme
	rest, query, _ := strings.Cut(rest, "?")
	if l.query, err = url.ParseQuery(query); err != nil {
		return l, errURL("what follows ? is not readable")
	}
	if l.user, rest, err = credentials(rest); err != nil {
		return l, err
	}
	hosts, path, _ := strings.Cut(rest, "/")
	l.path = strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	l.hosts, err = addresses(hosts)
	return l, err
}

// credentials takes user and password off the front; both may be percent-encoded.
func credentials(text string) (_ *url.Userinfo, rest string, _ error) {
	i := strings.LastIndexByte(text, '@')
	if i < 0 {
		return nil, text, nil
	}
	name, password, _ := strings.Cut(text[:i], ":")
	name, errName := url.PathUnescape(name)
	password, errPassword := url.PathUnescape(password)
	if errName != nil || errPassword != nil {
		return nil, "", errURL("user and password must be percent-encoded")
	}
	return url.UserPassword(name, password), text[i+1:], nil
}

// addresses splits h1,h2:6380,[::1] and adds the usual port where there is none.
func addresses(list string) ([]string, error) {
	hosts := strings.Split(list, ",")
	for i, h := range hosts {
		host, port, err := net.SplitHostPort(h)
		if err != nil {
			host, port = strings.Trim(h, "[]"), defaultPort
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil || host == "" {
			return nil, errURL("each host must be host or host:port")
		}
		hosts[i] = net.JoinHostPort(host, port)
	}
	return hosts, nil
}

func errURL(problem string) error {
	return model.InvalidField("redis.url", "%s", problem)
}

package mongostore

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"wxhub/model"
)

const defaultDatabase = "wxhub"

// parse gives the options of a URI, with those that keep money safe set as they
// must be, and patience where the URI says nothing of it. Its errors do not quote
// the URI, which may hold a password.
func parse(uri string) (*options.ClientOptions, string, error) {
	journal := true
	o := options.Client().ApplyURI(uri)
	if o.AppName == nil {
		o.SetAppName("wxhub")
	}
	if o.ServerSelectionTimeout == nil {
		o.SetServerSelectionTimeout(selectionTimeout)
	}
	if o.Timeout == nil || *o.Timeout == 0 { // never for ever
		o.SetTimeout(callTimeout)
	}
	o.SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal}).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetRetryWrites(true)
	name, err := database(uri)
	if err := errors.Join(err, o.Validate()); err != nil {
		return nil, "", unusable(err)
	}
	return o, name, nil
}

// database is the path of the URI, which has one slash after all hosts.
func database(uri string) (string, error) {
	_, rest, _ := strings.Cut(uri, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, path, _ := strings.Cut(rest, "/")
	if path == "" {
		return defaultDatabase, nil
	}
	return url.PathUnescape(path)
}

func unusable(err error) error {
	var dns *net.DNSError // of mongodb+srv: it names the host and nothing else
	if errors.As(err, &dns) {
		return model.NewError(model.KindUnavailable, "store_unusable",
			"the hosts of store.url cannot be looked up: check its host name and this machine's DNS").Because(dns)
	}
	return model.NewError(model.KindUnavailable, "store_unusable",
		"store.url is not a MongoDB URI: write mongodb://user:password@host:27017/database?replicaSet=name, "+
			"with special characters of the password percent-encoded, and only options that MongoDB knows")
}

package h5

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed static
var staticFiles embed.FS

// asset is a static file under the name that holds its hash, so that it can be kept for
// ever.
type asset struct {
	body []byte
	kind string // media type
}

var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assets are the static files by the name in the URL; links lead from a file's own name
// to its URL.
var assets, links = loadAssets()

func loadAssets() (byName map[string]asset, byFile map[string]string) {
	byName, byFile = map[string]asset{}, map[string]string{}
	files, err := staticFiles.ReadDir("static")
	if err != nil {
		panic(err) // it is in the binary
	}
	for _, f := range files {
		body, err := staticFiles.ReadFile("static/" + f.Name())
		if err != nil {
			panic(err)
		}
		sum, ext := sha256.Sum256(body), path.Ext(f.Name())
		name := strings.TrimSuffix(f.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		byName[name], byFile[f.Name()] = asset{body, assetKinds[ext]}, "/static/"+name
	}
	return byName, byFile
}

// jsConfig is the file that pages of others include, so it also has a name that stays.
const jsConfig = "js-config.js"

// static serves a static file.
func static(c *fiber.Ctx) error {
	name, keep := c.Params("file"), "public, max-age=31536000, immutable"
	if name == jsConfig {
		name, keep = path.Base(links[jsConfig]), "public, max-age=300"
	}
	a, ok := assets[name]
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, keep)
	c.Set(fiber.HeaderContentType, a.kind)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.Send(a.body)
}

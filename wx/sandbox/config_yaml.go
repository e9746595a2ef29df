package sandbox

import (
	"bytes"
	_ "embed"
	"net/http"
	"strings"
	"text/template"
)

//go:embed config.yaml.tmpl
var configTemplate string

// configData fills config.yaml.tmpl.
type configData struct {
	Credentials
	URL string
}

// ConfigYAML is a ready configuration of wxhub that points at this platform, reachable at url. All values are
// plain words of the platform's own making, so nothing needs quoting beyond the template.
func (p *Platform) ConfigYAML(url string) ([]byte, error) {
	parsed, err := template.New("config").Funcs(template.FuncMap{"pem": yamlBlock}).Parse(configTemplate)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, configData{p.Credentials(), url})
	return out.Bytes(), err
}

// yamlBlock indents a PEM text as a YAML block scalar.
func yamlBlock(indent int, text string) string {
	pad := "\n" + strings.Repeat(" ", indent)
	return "|" + pad + strings.ReplaceAll(strings.TrimSpace(text), "\n", pad)
}

// baseURL is where the platform is, as far as it knows.
func (p *Platform) baseURL(r *http.Request) string {
	if p.publicURL != "" {
		return p.publicURL
	}
	return "http://" + r.Host
}

func (p *Platform) controlConfig(w http.ResponseWriter, r *http.Request) {
	text, err := p.ConfigYAML(p.baseURL(r))
	if err != nil {
		fail(w, http.StatusInternalServerError, "internal", "the configuration could not be written")
		return
	}
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	_, _ = w.Write(text)
}

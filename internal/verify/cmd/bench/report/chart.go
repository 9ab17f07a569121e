package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
)

const (
	width, height = 18 * vg.Centimeter, 11 * vg.Centimeter
	margin        = 4 * vg.Millimeter
)

// Chart draws throughput against goroutines as SVG. Like the tables it shows
// ratios: net/http with one goroutine is 1.
func Chart(w io.Writer, r *Results) error {
	unit := r.of(loopback(1)+"/client="+clients.Floor, Throughput)
	if len(unit) == 0 {
		return fmt.Errorf("no results for %s", loopback(1))
	}
	p := plot.New()
	p.Title.Text = "Calls a second over loopback (net/http with one goroutine = 1)"
	p.X.Label.Text = "goroutines"
	p.X.Scale = plot.LogScale{}
	p.Title.Padding = margin
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, margin/2
	p.Add(plotter.NewGrid())
	for i, c := range titles {
		var points plotter.XYs
		for _, g := range Goroutines {
			if values := r.of(loopback(g)+"/client="+c.name, Throughput); len(values) > 0 {
				points = append(points, plotter.XY{X: float64(g), Y: median(values).Center / median(unit).Center})
			}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		line.Color, line.Width = plotutil.Color(i), vg.Points(1.5)
		if c.name == clients.Ours {
			line.Width = vg.Points(3)
		}
		dots.Color, dots.Shape = plotutil.Color(i), plotutil.Shape(i)
		p.Add(line, dots)
		p.Legend.Add(strings.Trim(c.title, "*"), line, dots)
	}
	var ticks plot.ConstantTicks
	for _, g := range Goroutines {
		ticks = append(ticks, plot.Tick{Value: float64(g), Label: fmt.Sprint(g)})
	}
	p.X.Tick.Marker = ticks
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle,
		&p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
	}
	p.Y.Min, p.Y.Max = 0, 1.25*p.Y.Max // room for the legend
	canvas := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(canvas), margin, -margin, margin, -margin))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	// Any sans-serif font will do where this one is not installed.
	_, err := w.Write(bytes.ReplaceAll(svg.Bytes(), []byte("Liberation Sans"), []byte("Liberation Sans,Helvetica,sans-serif")))
	return err
}

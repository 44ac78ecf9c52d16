/** The look of a report: one column, quiet, light and dark as the reader's machine is. */
export const style = `
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d1d1b; --soft: #6b6862; --rule: #e2ded5; --card: #fff;
  --s0: #1f6fb2; --s1: #d2691e; --s2: #2f8a57; --s3: #8051b5; --s4: #b0305c; --s5: #6a7a12; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #161614; --ink: #ecebe6; --soft: #a09c93; --rule: #33322e; --card: #1e1e1b;
    --s0: #6db3ee; --s1: #f0a064; --s2: #6fc894; --s3: #bd98ea; --s4: #ee84a8; --s5: #bccb5c; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 20px; margin: 48px 0 8px; }
p { max-width: 76ch; margin: 8px 0; }
.soft, caption, figcaption { color: var(--soft); }
.warning { border-left: 3px solid var(--s1); padding: 4px 0 4px 14px; color: var(--soft); margin-top: 18px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 1px; background: var(--rule);
  border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; margin: 26px 0 8px; }
.figures div { background: var(--card); padding: 16px 18px; }
.figures b { display: block; font-size: 26px; font-weight: 600; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.figures span { display: block; text-wrap: balance; color: var(--soft); font-size: 13px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 20px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px 16px 10px; min-width: 0; }
figure h3 { margin: 0 0 2px; font-size: 15px; }
figcaption { font-size: 13px; }
svg { width: 100%; height: auto; display: block; margin-top: 8px; }
svg path { fill: none; }
.grid { stroke: var(--rule); stroke-width: 1; } .base { stroke: var(--soft); stroke-width: 1; }
.mark { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 4; }
.line { stroke-width: 2; stroke-linejoin: round; } svg .area { stroke: none; opacity: .16; }
text { font: 12px system-ui, "Segoe UI", Roboto, sans-serif; fill: var(--soft); } text.axis { font-size: 12.5px; fill: var(--ink); }
.line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); } .line.s2 { stroke: var(--s2); }
.line.s3 { stroke: var(--s3); } .line.s4 { stroke: var(--s4); } .line.s5 { stroke: var(--s5); }
svg .area.s0 { fill: var(--s0); } svg .area.s1 { fill: var(--s1); }
.key { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; }
.key.s0 { background: var(--s0); } .key.s1 { background: var(--s1); } .key.s2 { background: var(--s2); }
.key.s3 { background: var(--s3); } .key.s4 { background: var(--s4); } .key.s5 { background: var(--s5); }
.legend { font-size: 13px; margin: 4px 0 0; } .legend span { margin-right: 16px; white-space: nowrap; }
.scroll { overflow-x: auto; margin: 14px 0 22px; }
table { border-collapse: collapse; font-size: 14.5px; font-variant-numeric: tabular-nums; min-width: 520px; }
caption { text-align: left; font-size: 13px; padding-bottom: 6px; }
th { text-align: right; font-weight: 600; color: var(--soft); font-size: 13px; } th:first-child, td:first-child { text-align: left; }
th, td { padding: 6px 22px 6px 0; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
td small { color: var(--soft); margin-left: 6px; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 16px; }
.pair { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 10px; min-width: 0; }
.pair div { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.pair img, .pair i { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 6px; background: var(--rule); display: block; }
.pair p { margin: 8px 0 0; font-size: 12.5px; color: var(--soft); overflow-wrap: anywhere; line-height: 1.4; }
.pair b { color: var(--ink); font-size: 14px; }
.failed { columns: 300px auto; column-gap: 32px; padding-left: 18px; font-size: 13.5px; }
@media print { main { max-width: none; } figure, .pair { break-inside: avoid; } }
`;

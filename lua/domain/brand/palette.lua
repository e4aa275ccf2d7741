--- Twelve steps from one colour, by lightness in OKLCH, and their contrast. Pure.
local palette = {}

palette.STEPS = { 25, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950 }

-- Lightness and chroma (against step 600) of the palette that comes with the product: other colours get the same stairs.
local LIGHTNESS = { 0.982, 0.957, 0.917, 0.840, 0.740, 0.627, 0.538, 0.476, 0.413, 0.358, 0.276, 0.211 }
local CHROMA = { 0.04, 0.10, 0.21, 0.40, 0.61, 0.83, 0.97, 1, 0.86, 0.70, 0.45, 0.32 }
local BASE = 8 -- step 600 is the colour itself

-- ---- colour spaces

local function to_linear(part) return part <= 0.04045 and part / 12.92 or ((part + 0.055) / 1.055) ^ 2.4 end
local function from_linear(part) return part <= 0.0031308 and part * 12.92 or 1.055 * part ^ (1 / 2.4) - 0.055 end

--- "#264bd1" or "#24d" as three numbers 0 to 1; nil for anything else.
---@param hex any
---@return number? r, number? g, number? b
function palette.rgb(hex)
  local digits = type(hex) == "string" and hex:match("^#(%x+)$")
  if digits and #digits == 3 then digits = digits:gsub("%x", "%0%0") end
  if not digits or #digits ~= 6 then return nil end
  local r, g, b = digits:match("(%x%x)(%x%x)(%x%x)")
  return tonumber(r, 16) / 255, tonumber(g, 16) / 255, tonumber(b, 16) / 255
end

local function cube_root(value) return value < 0 and -((-value) ^ (1 / 3)) or value ^ (1 / 3) end

--- Lightness 0 to 1, chroma, hue in radians.
function palette.oklch(hex)
  local r, g, b = palette.rgb(hex)
  r, g, b = to_linear(r), to_linear(g), to_linear(b)
  local l = cube_root(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  local m = cube_root(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  local s = cube_root(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  local lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
  local a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
  local c = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
  return lightness, math.sqrt(a * a + c * c), math.atan(c, a)
end

local function linear_of(lightness, chroma, hue)
  local a, c = chroma * math.cos(hue), chroma * math.sin(hue)
  local l = (lightness + 0.3963377774 * a + 0.2158037573 * c) ^ 3
  local m = (lightness - 0.1055613458 * a - 0.0638541728 * c) ^ 3
  local s = (lightness - 0.0894841775 * a - 1.2914855480 * c) ^ 3
  return 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s
end

local function is_inside(...)
  for _, part in ipairs({ ... }) do
    if part < -0.0005 or part > 1.0005 then return false end
  end
  return true
end

local function byte(part) return math.floor(from_linear(math.max(0, math.min(1, part))) * 255 + 0.5) end

--- The nearest colour that a screen has: chroma gives way, lightness and hue stay.
---@return string hex
function palette.hex(lightness, chroma, hue)
  local low, high = 0, chroma
  if is_inside(linear_of(lightness, chroma, hue)) then low = chroma end
  while high - low > 0.001 do
    local middle = (low + high) / 2
    if is_inside(linear_of(lightness, middle, hue)) then
      low = middle
    else
      high = middle
    end
  end
  local r, g, b = linear_of(lightness, low, hue)
  return ("#%02x%02x%02x"):format(byte(r), byte(g), byte(b))
end

-- ---- contrast

local function luminance(hex)
  local r, g, b = palette.rgb(hex)
  return 0.2126 * to_linear(r) + 0.7152 * to_linear(g) + 0.0722 * to_linear(b)
end

--- WCAG ratio, 1 to 21.
function palette.ratio(one, two)
  local a, b = luminance(one), luminance(two)
  if a > b then
    a, b = b, a
  end
  return (b + 0.05) / (a + 0.05)
end

-- ---- steps

-- The stairs of the product stretched so that step 600 has the lightness of the colour.
local function lightness_of(i, base)
  local own = LIGHTNESS[BASE]
  if i == BASE then return base end
  if i < BASE then return base + (LIGHTNESS[1] - base) * (LIGHTNESS[i] - own) / (LIGHTNESS[1] - own) end
  return base + (LIGHTNESS[12] - base) * (own - LIGHTNESS[i]) / (own - LIGHTNESS[12])
end

--- {[25] = "#…", … [950] = "#…"}
---@param hex string the brand's colour
---@return table<integer, string>
function palette.ramp(hex)
  local lightness, chroma, hue = palette.oklch(hex)
  local steps = {}
  for i, step in ipairs(palette.STEPS) do
    steps[step] = i == BASE and hex:lower() or palette.hex(lightness_of(i, lightness), chroma * CHROMA[i], hue)
  end
  return steps
end

-- The colour of this hue on which white has the ratio: in the dark theme a button must differ from the surface and carry white.
local function under_white(chroma, hue, ratio)
  local low, high = 0.1, 0.95
  for _ = 1, 20 do
    local middle = (low + high) / 2
    if palette.ratio("#ffffff", palette.hex(middle, chroma, hue)) > ratio then
      low = middle
    else
      high = middle
    end
  end
  return palette.hex(low, chroma, hue)
end

--- All brand tokens of both themes.
---@param brand string
---@param accent string
---@return table<string, string> light, table<string, string> dark
function palette.tokens(brand, accent)
  local steps, light = palette.ramp(brand), {}
  for step, hex in pairs(steps) do
    light["brand-" .. step] = hex
  end
  local accent_l, accent_c, accent_h = palette.oklch(accent)
  light["accent-100"], light["accent-500"] = palette.hex(0.945, math.min(accent_c, 0.04), accent_h), accent:lower()
  light["accent-700"] = palette.hex(math.min(accent_l, 0.52), accent_c, accent_h)
  light.brand, light["brand-hover"], light["brand-active"] = steps[600], steps[700], steps[800]
  light["brand-soft"], light["brand-ink"], light["on-brand"] = steps[50], steps[700], "#ffffff"
  light.focus, light.link, light["link-hover"] = steps[600], steps[700], steps[900]
  local _, chroma, hue = palette.oklch(brand)
  local dark = {
    brand = under_white(chroma, hue, 4.75),
    ["brand-hover"] = under_white(chroma, hue, 5.7),
    ["brand-active"] = under_white(chroma, hue, 6.9),
    ["brand-soft"] = palette.hex(0.30, math.min(chroma, 0.09), hue),
    ["brand-ink"] = steps[200],
    focus = steps[300],
    link = steps[200],
    ["link-hover"] = steps[100],
  }
  return light, dark
end

-- ---- checks

-- A token's colour; var(--x) is followed.
local function resolve(tokens, name)
  local value, depth = tokens[name], 0
  while value and depth < 9 do
    local other = value:match("^var%(%-%-([%w-]+)%)$")
    if not other then return value end
    value, depth = tokens[other], depth + 1
  end
  return nil
end

local function merged(...)
  local all = {}
  for _, part in ipairs({ ... }) do
    for name, value in pairs(part) do
      all[name] = value
    end
  end
  return all
end

--- Every pair in both themes: {mode, front, back, least, ratio, is_ok}.
---@param facts {pairs: table[], light: table, dark: table} of assets/contrast.mjs
---@return table[] checks
---@return table? worst the failing pair that is farthest from its least
function palette.check(facts, brand, accent)
  local light, dark = palette.tokens(brand, accent)
  local checks, worst = {}, nil
  for mode, tokens in pairs({ light = merged(facts.light, light), dark = merged(facts.dark, light, dark) }) do
    for _, pair in ipairs(facts.pairs) do
      local front, back = resolve(tokens, pair[1]), resolve(tokens, pair[2])
      local ratio = palette.ratio(front, back)
      local check = {
        mode = mode,
        front = pair[1],
        back = pair[2],
        front_hex = front,
        back_hex = back,
        least = pair[3],
        ratio = ratio,
        is_ok = ratio >= pair[3],
      }
      checks[#checks + 1] = check
      if not check.is_ok and (not worst or ratio / pair[3] < worst.ratio / worst.least) then worst = check end
    end
  end
  table.sort(checks, function(a, b)
    if a.mode ~= b.mode then return a.mode == "light" end
    return a.ratio / a.least < b.ratio / b.least
  end)
  return checks, worst
end

--- The colour of the same hue, nearest in lightness, whose palette passes; nil when there is none.
---@return string? hex
function palette.nearest(facts, brand, accent)
  local lightness, chroma, hue = palette.oklch(brand)
  for step = 1, 70 do
    for _, sign in ipairs({ -1, 1 }) do
      local wanted = lightness + sign * step * 0.01
      if wanted > 0.15 and wanted < 0.9 then
        local hex = palette.hex(wanted, chroma, hue)
        local _, worst = palette.check(facts, hex, accent)
        if not worst then return hex end
      end
    end
  end
  return nil
end

palette.FONTS = {
  golos_onest = {
    text = '"Golos Text Variable", "Golos Text", system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
    display = '"Onest Variable", "Golos Text Variable", system-ui, "Segoe UI", sans-serif',
  },
  golos = {
    text = '"Golos Text Variable", "Golos Text", system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
    display = '"Golos Text Variable", "Golos Text", system-ui, sans-serif',
  },
  system = {
    text = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
    display = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  },
}

local function block(selector, tokens)
  local names = {}
  for name in pairs(tokens) do
    names[#names + 1] = name
  end
  table.sort(names)
  local lines = { selector .. " {" }
  for _, name in ipairs(names) do
    lines[#lines + 1] = ("  --%s: %s;"):format(name, tokens[name])
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n")
end

--- brand.css: what the product's own file sets, with these values. With a scope it is for a part of a page only.
---@param values {brand: string, accent: string, font: string}
---@param scope string? a class, for the preview
---@return string css
function palette.css(values, scope)
  local light, dark = palette.tokens(values.brand, values.accent)
  local font = palette.FONTS[values.font]
  light["font-text"], light["font-display"] = font.text, font.display
  if scope then return block("." .. scope, light) .. "\n" .. block('[data-bs-theme="dark"] .' .. scope, dark) .. "\n" end
  light["font-mono"] = 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace'
  light["r-s"], light["r-m"], light["r-l"], light["r-xl"], light["r-pill"] = "6px", "10px", "14px", "20px", "999px"
  return ("/* brand %s %s %s */\n@layer tokens {\n%s\n%s\n}\n"):format(
    values.brand,
    values.accent,
    values.font,
    block(":root", light),
    block('[data-bs-theme="dark"]', dark)
  )
end

--- The values that a published brand.css was made of.
---@return {brand: string, accent: string, font: string}?
function palette.values(css)
  local brand, accent, font = css:match("^/%* brand (#%x+) (#%x+) ([%w_]+) %*/")
  return brand and palette.FONTS[font] and { brand = brand, accent = accent, font = font } or nil
end

return palette

--- Theory before practice (H10), to the pair: a draft keeps the pairs of a group and changes who takes which. Pure.
local order = {}

local MOST = 400 -- lectures of a group; beyond that the windows of term.lua must do

local function taken_rooms(draft)
  local taken = {}
  for i = 1, #draft, 2 do
    if draft[i] > 0 then taken[draft[i + 1] .. ":" .. draft[i]] = true end
  end
  return taken
end

-- The lectures of a group in order of time.
local function lectures_of_groups(m, draft)
  local groups, lecture = {}, 0
  for c, course in ipairs(m.courses) do
    for _ = 1, course.lectures do
      lecture = lecture + 1
      local list = groups[course.group_id] or {}
      groups[course.group_id] = list
      if draft[lecture * 2 - 1] > 0 and draft[lecture * 2] > 0 then list[#list + 1] = { lecture = lecture, course = c } end
    end
  end
  return groups
end

-- A room for a course at another period: its own, or another that fits.
local function room_at(m, taken, c, own, period)
  local row = m.term.courses[c]
  if row.closed:byte(period) == 49 then return nil end
  local function is_free(room)
    return row.unfit:byte(room) ~= 49 and m.term.rooms[room].taken:byte(period) ~= 49 and not taken[room .. ":" .. period]
  end
  if is_free(own) then return own end
  for room = 1, #m.rooms do
    if is_free(room) then return room end
  end
end

-- Two lectures of one teacher change pairs when both find a room there.
local function swap(m, draft, taken, a, b)
  local pa, ra, pb, rb = draft[a.lecture * 2 - 1], draft[a.lecture * 2], draft[b.lecture * 2 - 1], draft[b.lecture * 2]
  if m.courses[a.course].staff_id ~= m.courses[b.course].staff_id then return false end
  taken[ra .. ":" .. pa], taken[rb .. ":" .. pb] = nil, nil
  local to_b, to_a = room_at(m, taken, a.course, ra, pb), room_at(m, taken, b.course, rb, pa)
  local can = to_b and to_a
  if can then draft[a.lecture * 2 - 1], draft[a.lecture * 2], draft[b.lecture * 2 - 1], draft[b.lecture * 2] = pb, to_b, pa, to_a end
  taken[draft[a.lecture * 2] .. ":" .. draft[a.lecture * 2 - 1]], taken[draft[b.lecture * 2] .. ":" .. draft[b.lecture * 2 - 1]] = true, true
  return can
end

local function sort_group(m, draft, taken, list)
  local function period(at) return draft[at.lecture * 2 - 1] end
  for _, early in ipairs(list) do -- courses are in the order of the programme, and so is the list
    for _, late in ipairs(list) do
      if early.course < late.course and period(early) > period(late) then swap(m, draft, taken, early, late) end
    end
  end
end

--- Changes the draft so that courses of a group follow each other as far as teachers and rooms allow.
function order.keep(m, draft)
  local taken = taken_rooms(draft)
  for _, list in pairs(lectures_of_groups(m, draft)) do
    if #list <= MOST then sort_group(m, draft, taken, list) end
  end
end

return order

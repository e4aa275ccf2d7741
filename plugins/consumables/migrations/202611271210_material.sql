-- Зачем: остатки и нормы по мастерским; одна строка на материал мастерской.
CREATE TABLE p_consumables_material (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room_id bigint NOT NULL REFERENCES room ON DELETE CASCADE,
  name text NOT NULL CHECK (name <> ''),
  unit text NOT NULL,
  stock numeric(12,3) NOT NULL CHECK (stock >= 0),
  norm numeric(12,4) NOT NULL CHECK (norm >= 0),
  short_on date,
  counted_on timestamptz NOT NULL DEFAULT now(),
  UNIQUE (room_id, name)
);

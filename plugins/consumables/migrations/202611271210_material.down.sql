DROP TABLE p_consumables_material;

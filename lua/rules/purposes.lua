--- For what special personal data (СНИЛС, passport, health) may be looked at: the choices; whoever looks may write his own words.
--- The words go into the journal of actions and into what the person reads about who looked at his data.
return {
  "Проверка документов заявки", "Зачисление приказом", "Оформление документа об обучении", "Внесение в ФИС ФРДО", "Обращение самого гражданина",
  "Запрос органа власти",
}

"""Addresses of the drafts: for readers, for commenters, for the staff."""

from django.urls import path

from canbao.workbench.drafts import editors, readers, writers

urlpatterns = [
    path("", readers.drafts, name="drafts"),
    path("comments/", readers.comments, name="drafts_comments"),
    path("receipt/", readers.receipt, name="drafts_receipt"),
    path("receipt/answer/", readers.answer_decision, name="drafts_answer"),
    path("decide/", editors.queue, name="drafts_queue"),
    path("decide/state/", editors.state, name="drafts_state"),
    path("decide/upload/", editors.upload_files, name="drafts_upload"),
    path("decide/show/", editors.show_all, name="drafts_show"),
    path("decide/take/", editors.take, name="drafts_take"),
    path("decide/log.<str:form>", editors.log_file, name="drafts_log"),
    path("decide/review.zip", editors.review_folder, name="drafts_review"),
    path("decide/<str:comment>/", editors.decide_one, name="drafts_decide"),
    path("decide/<str:comment>/withhold/", editors.withhold_one, name="drafts_withhold"),
    path("text/", writers.texts, name="drafts_texts"),
    path("text/<str:slot>/", writers.text, name="drafts_text"),
    path("text/<str:slot>/sign/", writers.sign, name="drafts_sign"),
    path("<str:edition>/", readers.edition, name="drafts_edition"),
    path("<str:edition>/comment/", readers.comment_on, name="drafts_comment"),
    path("<str:edition>/file/<str:file>", readers.edition_file, name="drafts_file"),
    path("<str:edition>/<str:chapter>/", readers.chapter, name="drafts_chapter"),
]

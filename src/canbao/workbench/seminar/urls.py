"""Addresses of the seminar: for guests, for the screen, for the staff."""

from django.urls import path

from canbao.workbench.seminar import changes, guests, organisers, rapporteurs

urlpatterns = [
    path("", guests.events, name="seminar"),
    path("receipt/", guests.receipt, name="seminar_receipt"),
    path("receipt/change/", guests.change_own, name="seminar_change"),
    path("receipt/file/", guests.receipt_file, name="seminar_receipt_file"),
    path("receipt/delete/", guests.forget, name="seminar_forget"),
    path("<str:code>/", guests.event, name="seminar_event"),
    path("<str:code>/list/", guests.listed, name="seminar_list"),
    path("<str:code>/join/", guests.join_event, name="seminar_join"),
    path("<str:code>/ask/", guests.ask_question, name="seminar_ask"),
    path("<str:code>/vote/<uuid:question>/", guests.vote_for, name="seminar_vote"),
    path("<str:code>/poll/<int:choice>/", guests.answer_poll, name="seminar_poll"),
    path("<str:code>/sign/", guests.sign_list, name="seminar_sign"),
    path("<str:code>/screen/", guests.screen, name="seminar_screen"),
    path("<str:code>/qr.svg", guests.qr, name="seminar_qr"),
    path("<str:code>/moderate/", organisers.queue, name="seminar_queue"),
    path("<str:code>/moderate/<uuid:question>/", organisers.act_on, name="seminar_act"),
    path("<str:code>/moderate/poll/<uuid:poll>/", organisers.switch_poll, name="seminar_switch"),
    path("<str:code>/moderate/<uuid:question>/words/", organisers.reword, name="seminar_words"),
    path("<str:code>/moderate/steer/", organisers.steer_event, name="seminar_steer"),
    path("<str:code>/publish/", organisers.publish_event, name="seminar_publish"),
    path("<str:code>/minutes/", rapporteurs.minutes, name="seminar_minutes"),
    path("<str:code>/minutes/heads/", rapporteurs.heads, name="seminar_heads"),
    path("<str:code>/minutes/<int:number>/strike/", rapporteurs.strike_remark, name="seminar_strike"),
    path("<str:code>/proceedings/", rapporteurs.read_proceedings, name="seminar_proceedings"),
    path("<str:code>/proceedings/<str:part>.<str:form>", rapporteurs.download, name="seminar_download"),
    path("<str:code>/close/", organisers.close_event, name="seminar_close"),
    path("<str:code>/changes/", changes.changes, name="seminar_changes"),
    path("<str:code>/record.<str:form>", organisers.record, name="seminar_record"),
]

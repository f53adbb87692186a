"""The exercises of chapter 03: teacher forcing, encoder, decoder, translation word by word, and BLEU."""

from autograder.exercises.seq2seq.bleu import BLEU
from autograder.exercises.seq2seq.decoder import DECODER
from autograder.exercises.seq2seq.encoder import ENCODER
from autograder.exercises.seq2seq.greedy_translate import GREEDY_TRANSLATE
from autograder.exercises.seq2seq.shift_right import SHIFT_RIGHT
from autograder.exercises.seq2seq.teacher_forcing_loss import TEACHER_FORCING_LOSS

EXERCISES = (
    ENCODER,
    DECODER,
    SHIFT_RIGHT,
    TEACHER_FORCING_LOSS,
    GREEDY_TRANSLATE,
    BLEU,
)

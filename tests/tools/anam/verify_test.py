# SPDX-License-Identifier: Apache-2.0
"""anam verify: finds what is not as it was written, and does not find more."""
import pathlib
import random
import shutil

from anam_case import AnamCase, main


class Verify(AnamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load_small("store", "--shards", "2")
        cls.write("more.csv", "patient_id,start,end,domain,code\n2,2018-03-01,,drug,NDC:00093104801\n"
                  "99,2018-03-01,,drug,NDC:1\n")
        cls.must("load", "store", "--format", "events", "--source", "lab", "more.csv")

    def copy(self, name):
        shutil.copytree(self.dir / "store", self.dir / name)
        return self.dir / name

    def test_sound_store(self):
        out = self.must("verify", "store")
        self.assertRegex(out, r"2 releases, \d+ files, .* 17 events of 5 patients\.\nNothing is wrong\.\n$")
        self.assertRegex(self.must("verify", "store", "--release", "1"), r"1 release, .* 15 events of 4 patients")
        self.assertEqual(self.anam("verify", "store", "--threads", "1").code, 0)

    def test_missing_file(self):
        store = self.copy("missing")
        victim = sorted(store.glob("shards-*.mdb"))[0]
        victim.unlink()
        result = self.anam("verify", "missing")
        self.assertEqual(result.code, 1)
        self.assertIn(victim.name, result.out)
        self.assertIn("Restore the files named", result.out)

    def test_truncated_and_exchanged_files(self):
        store = self.copy("cut")
        victim = sorted(store.glob("shards-*.mdb"))[-1]
        victim.write_bytes(victim.read_bytes()[:-1])
        result = self.anam("verify", "cut")
        self.assertEqual(result.code, 1)
        self.assertIn(victim.name, result.out)

    def test_flipped_bits_never_pass_for_data(self):
        seed = 20240607
        chance = random.Random(seed)
        good = {words: self.must(*words) for words in
                [("timeline", "store", "1", "--format", "csv"), ("cohort", "store", "every.cohort", "--rows")]}
        store = self.copy("flipped")
        found = 0
        for path in sorted(store.glob("*.mdb")):
            data = path.read_bytes()
            places = [i for i, byte in enumerate(data) if byte]
            for place in chance.sample(places, 4):
                changed = bytearray(data)
                changed[place] ^= 1 << chance.randrange(8)
                path.write_bytes(changed)
                result = self.anam("verify", "flipped")
                where = f"seed {seed}, {path.name}, byte {place}: {result.out}{result.err}"
                self.assertIn(result.code, (0, 1), where)
                if result.code == 1:
                    found += 1
                    self.assertIn(path.name, result.out + result.err, where)
                for words, expected in good.items():
                    again = self.anam(words[0], "flipped", *words[2:])
                    self.assertIn(again.code, (0, 1), where)
                    if again.code == 0 and pathlib.Path(path).name != "catalog.mdb":
                        self.assertEqual(again.out, expected, where)
            path.write_bytes(data)
        self.assertGreaterEqual(found, 10)
        self.assertEqual(self.anam("verify", "flipped").code, 0)


if __name__ == "__main__":
    main()

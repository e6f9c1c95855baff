"""Common names of the district's communities, most frequent first, and the ways each is spelt.

General knowledge of common names, made for the fictional district: no register of real people was used.
"""

from typing import NamedTuple


class NameLists(NamedTuple):
    """One tradition's names, parted by blanks: women, men, girls, boys, families."""

    women: str
    men: str
    girls: str
    boys: str
    families: str


_ENGLISH = NameLists(
    women="""Sarah Emma Claire Laura Rebecca Gemma Rachel Kelly Victoria Katherine Lisa Joanne Michelle Samantha Amy
    Hannah Jessica Charlotte Natalie Stacey Leanne Kirsty Danielle Donna Louise Nicola Helen Jennifer Zoe Lauren
    Stephanie Amanda Elizabeth Lucy Hayley Jade Chelsea Bethany Megan Sophie Kimberley Abigail Alexandra Carly Tracey
    Toni Jodie Chloe Georgina Holly Vicki Tanya Lindsey Paula Kerry Heather Alison Catherine Melissa Cheryl""",
    men="""David James Michael Christopher Andrew Paul Daniel Matthew Mark Richard Robert Stephen Lee Simon Jonathan
    Craig Adam Thomas Ryan Anthony Benjamin Joseph Gary Darren Jason Ian Carl Philip Scott Shaun Wayne Dean Peter
    Nicholas Martin Stuart Neil Jamie Alexander Luke Kevin Liam Ashley Nathan Samuel William Gareth Joshua Jack
    Bradley Kieran Aaron Barry Damian Edward Gavin Graham Karl Lewis Timothy""",
    girls="""Olivia Amelia Isla Ava Emily Isabella Mia Poppy Ella Lily Grace Evie Sophia Freya Charlotte Sophie Daisy
    Ruby Phoebe Florence Elsie Willow Ivy Rosie Matilda Evelyn Maisie Millie Erin Harper Layla Lola Esme Bonnie Molly
    Jessica Chloe Summer Lexi Scarlett Eliza Imogen Holly Lacey Amber Gracie Eleanor Hallie Skye Robyn Darcie Lucy
    Thea Aria Emilia Alice Georgia Eva Martha Zara""",
    boys="""Oliver George Harry Jack Noah Charlie Jacob Alfie Freddie Oscar Leo Archie Thomas Joshua William Henry
    James Theo Logan Max Lucas Mason Isaac Ethan Riley Samuel Joseph Dylan Jaxon Daniel Benjamin Finley Arthur Harrison
    Tommy Teddy Reuben Louie Frankie Albie Bobby Toby Jude Luca Elliot Jenson Ollie Kian Tyler Connor Rory Blake Jayden
    Sonny Zachary Ellis Caleb Hugo Callum Nathan""",
    families="""Smith Jones Taylor Brown Wilson Robinson Walker Wood Thompson Hudson Sutcliffe Greenwood Barker Firth
    Holdsworth Ackroyd Feather Illingworth Wright Jackson White Shaw Hall Clarke Hill Green Harrison Mitchell Booth
    Sykes Haigh Dawson Priestley Shackleton Crabtree Whitaker Murgatroyd Naylor Lister Hardaker Pickles Ogden Rhodes
    Hodgson Mortimer Binns Foster Moore Ward Watson Johnson Williams Davies Evans Roberts Turner Cooper Parker Bennett
    Marshall Carter Phillips Cook Bailey Bell Fox Ellis Hargreaves Fletcher Stead Ramsden Atkinson Hughes Lund Bower
    Waddington Emmott Rushworth Dixon Gill Hirst Jowett Kershaw Lumb Midgley Nicholson Overend Pollard Rawnsley Sugden
    Tordoff Uttley Varley Womersley Young Armitage Bairstow Clough Dewhirst""",
)

_PAKISTANI = NameLists(
    women="""Shabana Nasreen Samina Saima Rukhsana Farzana Shazia Nazia Sadia Ayesha Fatima Zainab Rubina Tahira Parveen
    Shaheen Yasmin Noreen Saira Sobia Asma Uzma Bushra Shamim Zahida Khalida Robina Tasleem Naila Rabia Sumaira Aneesa
    Amina Maryam Hina Kiran Mehwish Iram Sidra Zara Nadia Rehana Razia Nusrat Kausar Shabnam Aaliyah Halima Khadija
    Safia Sajida Tanveer Fozia Humaira Lubna Misbah Rizwana Sana Shakila Zubaida""",
    men="""Mohammed Imran Tariq Nadeem Asif Shahid Zahid Khalid Javed Arshad Naveed Waqas Adeel Amjad Sajid Wasim Faisal
    Irfan Kamran Nasir Rashid Tahir Usman Yasir Zafar Abid Adnan Ansar Aamir Babar Bilal Ghulam Haroon Ibrar Ishtiaq
    Jamil Kashif Liaqat Majid Mazhar Mudassar Nawaz Parvez Qasim Rizwan Saqib Shabir Shakeel Sohail Sultan Tanvir Umar
    Waheed Yousaf Zeeshan Zubair Abdul Ali Hassan Younis""",
    girls="""Aisha Fatima Zainab Maryam Inaya Hafsa Aleena Amelia Hana Safa Zara Eshal Ayla Anaya Hoorain Khadija
    Sumayyah
    Alisha Iqra Laiba Maira Mahnoor Noor Rumaysa Sara Umaiza Zoya Aaliyah Aminah Anabia Areeba Asiya Dua Emaan Falak
    Haleema Humaira Iman Jannat Kinza Layla Madiha Minahil Nimra Raheema Rida Sahar Salma Sana Zahra Zunairah Ruqayyah
    Habiba Hira Mehreen Malaika Nabeeha Romaisa Sidrah Yusra""",
    boys="""Muhammad Ibrahim Yusuf Ali Hamza Zayn Eesa Musa Adam Abdullah Hassan Hussain Umar Zakariya Ismail Isa Haris
    Ayaan Rayyan Subhan Abdul Ahmed Bilal Daniyal Essa Faizan Haider Idris Junaid Khalil Luqman Mikaeel Nuh Qasim Rehan
    Saad Taha Usman Uzair Yahya Yaqub Zain Arham Azaan Danyal Emaad Hashim Huzaifa Ilyas Kabir Mustafa Owais Raheem
    Salman Shayan Sufyan Talha Wali Zaid Zidane""",
    families="""Hussain Khan Ahmed Mahmood Iqbal Akhtar Ali Shah Malik Mirza Hanif Rashid Mohammed Aslam Ashraf Raja
    Butt Sheikh Qureshi Chaudhry Bashir Rafiq Saleem Riaz Sadiq Yousaf Zaman Aziz Nawaz Shabir Younis Sharif Ramzan
    Latif Karim Jabbar Ghani Farooq Bhatti Dar Awan Abbasi Arif Baig Gul Haq Ilyas Jamil Kayani Khaliq Majeed Mehmood
    Mughal Munir Nazir Parvez Qadir Rehman Siddique Tariq Ullah Waheed Yaqoob Zafar""",
)

# Last names that women of the tradition bear as their own, in place of a family's.
WOMENS_LAST_NAMES = "Bibi Begum Akhtar Kauser Parveen Khatun Bi Jan Sultana Fatima Nisa Khatoon"

_BANGLADESHI = NameLists(
    women="""Rahima Nazma Shahena Rina Sultana Fahmida Jesmin Salma Ruma Rokeya Shirin Taslima Nasima Husna Ayesha
    Farhana Hasina Jahanara Kulsuma Lutfa Monira Nargis Rehana Rubi Shamima Sabina Tahmina Yasmin Zakia Mina""",
    men="""Abdul Mohammed Shah Kamal Jamal Rafiq Shafiq Nurul Faruk Anwar Hasan Habib Iqbal Jalal Kabir Luthfur Mizanur
    Moinul Nazrul Ruhul Rashed Saiful Salim Shamsul Tofail Zahir Ahad Badrul Delwar Ershad""",
    girls="""Aisha Tasnim Nusrat Maryam Anika Fariha Humaira Ishrat Jannatul Labiba Maisha Nadia Raisa Sabiha Samia
    Tahia
    Tanisha Umaima Zarin Afsana Fatiha Hafiza Mahira Nuha Sadia""",
    boys="""Muhammad Tahmid Ayaan Rayhan Zayan Abdur Fahim Imran Ibrahim Jubayer Kamran Mahdi Nafis Rahat Sabbir Sami
    Shayan Tamim Yasin Zubair Adil Ehsan Farhan Hamid Ridwan""",
    families="""Begum Uddin Miah Ali Ahmed Rahman Islam Hussain Khan Choudhury Haque Khatun Alam Alom Hoque Karim Malik
    Sarkar Talukdar Bhuiyan""",
)

_INDIAN = NameLists(
    women="""Harpreet Manjit Jaswinder Kulwinder Rajinder Amarjit Baljit Sukhwinder Priya Meena Anita Sunita Nisha
    Kavita
    Asha Bhavna Daksha Geeta Hansa Jyoti Kalpana Lata Neha Pooja Reena Rupa Seema Sonal Usha Varsha""",
    men="""Gurpreet Manjinder Harjit Jaspal Balwinder Sukhdev Amrit Raj Sanjay Rakesh Anil Ashok Bharat Dilip Hitesh
    Jagdish Kiran Mahesh Mukesh Naresh Nilesh Paresh Prakash Rajesh Ramesh Sandeep Sunil Suresh Vijay Vikram""",
    girls="""Simran Jasmin Priya Anya Diya Isha Kavya Meera Navya Riya Saanvi Tara Avani Gurleen Harleen Jaya Kiara
    Leena Mannat Nisha Prabhleen Roshni Shreya Trisha Zara""",
    boys="""Arjun Aarav Jaskaran Harvir Rohan Dev Kiran Neel Rahul Sahib Veer Yash Aryan Dhruv Gurveer Ishaan Jai Karan
    Manav Nikhil Om Pranav Ravi Shiv Vihaan""",
    families="""Singh Kaur Patel Sandhu Gill Dhillon Mistry Sidhu Sharma Bains Chauhan Desai Grewal Johal Kumar Lad Mann
    Parmar Rai Sahota Solanki Tailor Verma Virdee""",
)

_IRISH = NameLists(
    women="""Mary Margaret Bridget Kathleen Eileen Siobhan Aoife Niamh Sinead Roisin Theresa Ann Catherine Deirdre Orla
    Ciara Grainne Maeve Nora Philomena""",
    men="""Patrick John Michael Martin James Sean Liam Declan Brendan Kevin Eamonn Ciaran Conor Dermot Gerard Niall
    Padraig
    Simon Thomas Johnny""",
    girls="""Bridget Margaret Kathleen Mary Shannon Aoife Niamh Caitlin Erin Saoirse Tara Ellie Chantelle Lilly Nevaeh
    Maggie Roisin Sinead Rosanna Savannah""",
    boys="""Patrick John Martin Michael Paddy Jimmy Miley Tommy Sean Liam Connor Declan Cian Finn Jerry Johnny Simey
    Dan Rory Felix""",
    families="""McDonagh Ward Connors Doherty Murphy Kelly Walsh Byrne Gallagher O'Brien O'Connor O'Neill Ryan Reilly
    Maughan Cash Collins Delaney Foley Keenan Lynch McCarthy Quinn Sweeney""",
)

_ROMA = NameLists(
    women="""Maria Monika Jana Erika Lucia Renata Marcela Iveta Denisa Andrea Zaneta Helena Ildiko Beata Viera Simona
    Margita Kristina Ivana Nikola""",
    men="""Jan Jozef Milan Marek Peter Roman Tibor Stefan Ladislav Dusan Ivan Rastislav Miroslav Robert Zoltan Julius
    Emil Patrik Rudolf Vladimir""",
    girls="""Vanesa Nikola Kristina Sofia Viktoria Laura Jessica Natalia Timea Denisa Melisa Simona Ema Patricia
    Dominika
    Samantha Klaudia Erika Tereza Alexandra""",
    boys="""Kevin Patrik Dominik Denis Samuel Kristian Tomas Adrian Erik Marek David Sebastian Ladislav Richard Jan
    Roman
    Viktor Milan Alex Nikolas""",
    families="""Horvath Balog Lakatos Tancos Kandrac Zigova Gabor Danko Oracko Cervenak Sandor Mirga Pacan Duzda Giňa
    Bilý Kalejova Gunar Polak Dunka""",
)

_POLISH = NameLists(
    women="""Anna Katarzyna Agnieszka Małgorzata Magdalena Joanna Monika Aleksandra Natalia Justyna Ewa Karolina Marta
    Paulina Sylwia Dorota Iwona Beata Izabela Edyta Kinga Aneta Renata Olga Ilona""",
    men="""Piotr Krzysztof Tomasz Paweł Marcin Michał Marek Grzegorz Łukasz Adam Mariusz Rafał Robert Kamil Wojciech
    Dariusz Sławomir Przemysław Jakub Artur Mateusz Damian Jacek Sebastian Bartosz""",
    girls="""Maja Zuzanna Julia Oliwia Zofia Hanna Lena Amelia Nadia Nikola Wiktoria Alicja Natalia Emilia Gabriela
    Antonina Laura Pola Martyna Milena""",
    boys="""Jakub Antoni Kacper Szymon Filip Jan Adam Oskar Aleksander Mikołaj Franciszek Nikodem Alan Fabian Dominik
    Borys Igor Krystian Tymon Wiktor""",
    families="""Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski
    Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Piotrowski Grabowski Pawłowski Michalski Kalnins Ozolins Petrov
    Kazlauskas Popescu Ivanov""",
)

_ARAB = NameLists(
    women="""Fatima Zahra Layla Noor Rana Hanan Amal Samira Salma Huda Nadia Rania Iman Suad Shilan Golnaz Parwin
    Mahnaz Zeinab Maryam Yasmin Dunya Aliya Hala Kawthar""",
    men="""Ahmed Mohammed Omar Ali Hassan Karim Khalid Mahmoud Mustafa Ibrahim Yousef Hamid Rebin Karwan Farhad Reza
    Najib Faisal Jamal Salah Abdullah Bashir Samir Tarek Ziad""",
    girls="""Lana Sara Yara Jana Lina Mira Nour Rand Dina Ranya Sidra Tala Zahra Aya Hala Lamar Maya Retaj Shahad
    Aryan""",
    boys="""Omar Adam Yousef Karim Zaid Hamza Rami Ali Amir Bilal Elias Faris Hadi Jad Laith Malik Nabil Sami Taim
    Aland""",
    families="""Hassan Ali Ibrahim Ahmed Mahmoud Khalil Saleh Hamid Rasheed Omar Mustafa Karim Abdullah Said Yusuf
    Najjar Haddad Aziz Faraj Salih""",
)

_AFRICAN = NameLists(
    women="""Grace Blessing Mary Esther Comfort Joy Ngozi Chioma Funmilayo Yetunde Adaeze Abena Akosua Ama Precious
    Ruth Rejoice Sarah Tendai Rudo Hodan Amina Selam Mercy Patience""",
    men="""Emmanuel Daniel Samuel Joseph Kwame Kofi Chinedu Emeka Olumide Tunde Tendai Tafadzwa Moses Isaac Peter John
    Abdi Yonas Kwabena Ifeanyi Segun Farai Ibrahim Michael David""",
    girls="""Faith Favour Grace Hope Joy Chloe Deborah Esther Gloria Michelle Nicole Princess Ruth Tiana Zoe Amara
    Chidera Ewa Hannah Nia""",
    boys="""David Daniel Michael Samuel Joshua Emmanuel Elijah Jayden Joel Nathan Caleb Ethan Ezra Malachi Micah Obinna
    Tobi Tinashe Yaw Zion""",
    families="""Okafor Adeyemi Mensah Moyo Ncube Boateng Osei Owusu Okonkwo Ibrahim Sibanda Ndlovu Eze Balogun Appiah
    Asante Tesfay Mohamed Abdi Dube Chukwu Bello Adebayo Nwosu""",
)

_CARIBBEAN = NameLists(
    women="""Marcia Sharon Michelle Natasha Tanisha Shanice Jacqueline Yvonne Simone Chantelle Leticia Monique Keisha
    Nadine Paulette Renee Sophia Tamara Rochelle Jade""",
    men="""Marcus Leon Delroy Anthony Jermaine Dwayne Errol Winston Carlton Andre Nathan Tyrone Curtis Leroy Michael
    Damian Reece Kyle Jerome Junior""",
    girls="""Amara Aaliyah Tiana Naomi Kayla Shanae Jada Nevaeh Rihanna Zara Imani Layla Maya Ruby Ella Tia Sienna Mia
    Skye Amelia""",
    boys="""Kai Tyrell Jayden Isaiah Elijah Malachi Reece Zion Caleb Tyrese Jerome Micah Kyron Noah Levi Theo Marcus
    Nathaniel Leo Josiah""",
    families="""Campbell Brown Williams Johnson Thomas Clarke Francis Charles Joseph Edwards Grant Gordon Lewis Morgan
    Powell Reid Richards Stewart Thompson Wilson""",
)

_CHINESE = NameLists(
    women="Mei Xiu Ling Yan Hui Li Jing Fang Min Ying Wai Suk Ka Hoi Yuk",
    men="Wei Jun Ming Jian Feng Hao Lei Qiang Kin Chi Wing Ho Chun Man Tak",
    girls="Jessica Emily Chloe Mia Yan Sophie Amy Yi Ling Vivian Cherry Hannah",
    boys="Jason Kevin Daniel Ethan Ho Jun Lucas Ryan Kai Aaron Marcus Ming",
    families="Chen Li Wang Zhang Liu Wong Chan Lee Cheung Lam Ng Leung",
)

LISTS = {
    "english": _ENGLISH,
    "pakistani": _PAKISTANI,
    "bangladeshi": _BANGLADESHI,
    "indian": _INDIAN,
    "irish": _IRISH,
    "roma": _ROMA,
    "polish": _POLISH,
    "mixed": NameLists(_ENGLISH.women, _PAKISTANI.men, _PAKISTANI.girls, _PAKISTANI.boys, _PAKISTANI.families),
    "arab": _ARAB,
    "african": _AFRICAN,
    "caribbean": _CARIBBEAN,
    "chinese": _CHINESE,
}

# Spellings of one name, any of which an agency may write for another.
SPELLINGS = """Mohammed Muhammad Mohammad Mohamed Mohamad|Hussain Hussein Husain Hussian|Ahmed Ahmad Ahmid|Aisha Ayesha
Aysha Ayisha|Yusuf Yousaf Yusef Yousef Yousuf|Zainab Zaynab Zeinab|Fatima Fatimah Fathima|Khadija Khadijah Khadeeja|
Maryam Mariam Mariyam|Mahmood Mehmood Mahmud Mahmoud|Iqbal Eqbal|Hassan Hasan Hassen|Usman Uthman Osman|Umar Omar Omer|
Ibrahim Ebrahim|Zakariya Zakaria Zakariyya|Shabana Shabanna|Nasreen Nasrin|Yasmin Yasmeen Jasmin|Akhtar Akhter Akther|
Parveen Perveen Parvin|Kauser Kausar Kosar|Rukhsana Ruksana|Choudhury Chowdhury Chaudhry Chaudhary|Sheikh Shaikh|
Qureshi Quraishi|Siddique Siddiqui|Rehman Rahman Rahmaan|Younis Yunus Younas|Rashid Rasheed|Saleem Salim|Majeed Majid|
Begum Begam|Khatun Khatoon|Miah Mia Miya|Uddin Udin|Hoque Haque Huq|Isa Eesa Essa Issa|Musa Moosa|Hamza Hamzah|
Abdullah Abdulla|Ismail Ismaeel|Mikaeel Mikail|Zayn Zain Zane|Aaliyah Aliyah|Inaya Inayah|Sumayyah Sumaya Sumaiya|
Aminah Amina|Emaan Iman Eman|Halima Haleema|Noor Nur Nour|Gurpreet Gurprit|Kaur Kour|Horvath Horvat Horváth|
Wiśniewski Wisniewski Wisniewska|Kowalski Kowalska|Wójcik Wojcik|Dąbrowski Dabrowski|Zieliński Zielinski|Paweł Pawel|
Łukasz Lukasz|Małgorzata Malgorzata|Michał Michal|O'Brien OBrien O'Brian|O'Connor OConnor|O'Neill ONeill O'Neil|
McDonagh MacDonagh McDonough|Siobhan Shivaun|Niamh Neve|Catherine Katherine Kathryn|Claire Clare|Stephen Steven|
Rebecca Rebekah|Sarah Sara|Hannah Hanna|Philip Phillip|Shaun Sean Shawn|Jonathan Jonathon|Sophie Sofie|Zoe Zoey|
Isla Ila|Clarke Clark|Thompson Thomson|Bailey Bayley|Greenwood Greenwod|Whitaker Whittaker|Jayden Jaydon Jaden|
Callum Calum|Khalid Khaled|Bilal Belal|Tanveer Tanvir|Naveed Navid|Shahid Shaheed|Waheed Wahid|Tahira Tahirah"""

# A name and what its bearer is called, as some agencies write it.
NICKNAMES = """Elizabeth Liz|Katherine Kate|Catherine Cath|Rebecca Becky|Jennifer Jenny|Samantha Sam|Victoria Vicky|
Stephanie Steph|Christopher Chris|Michael Mike|Andrew Andy|Daniel Dan|Matthew Matt|Robert Rob|Richard Rick|
Stephen Steve|
Anthony Tony|Benjamin Ben|Joseph Joe|Thomas Tom|William Billy|James Jimmy|Alexander Alex|Alexandra Alex|Nicholas Nick|
Joshua Josh|Samuel Sam|Edward Eddie|Timothy Tim|Philip Phil|Gareth Gaz|Bethany Beth|Abigail Abi|Kimberley Kim|
Jessica Jess|Isabella Bella|Amelia Millie|Charlotte Charley|Olivia Liv|Matilda Tilly|Florence Flo|Eleanor Ellie|
Oliver Ollie|Alfie Alf|Frederick Freddie|Zachary Zac|Harrison Harry|Katarzyna Kasia|Małgorzata Gosia|Agnieszka Aga|
Aleksandra Ola|Magdalena Magda|Joanna Asia|Krzysztof Kris|Tomasz Tomek|Jakub Kuba|Muhammad Mo|Mohammed Mo|
Abdullah Abdul|Jaswinder Jas|Rajinder Raj|Manjit Manj|Sukhwinder Sukhi|Kathleen Kath|Margaret Maggie|Bridget Biddy|
Patrick Paddy|Jozef Jozko|Emmanuel Manny|Leticia Tish|Zakariya Zak|Ibrahim Ibby"""
